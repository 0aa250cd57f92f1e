"""Step 1 begins with the second document, step 2 with the third.

caught by: test_documents_of_each_step
reads: next batch_size documents
"""


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr)
    losses = []
    for step in range(num_steps):
        batch = [docs[(step + i) % len(docs)] for i in range(batch_size)]
        optimizer.zero_grad()
        loss = batch_loss(state, *make_batch(batch, tokenizer, len(state["wpe"])))
        loss.backward()
        optimizer.step(linear_decay(lr, step, num_steps))
        losses.append(loss.item())
        if on_step:
            on_step(step, loss.item())
    return losses
