"""A document is trained on until it is learnt.

caught by: test_order_of_documents
reads: the first document every time
"""


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr)
    losses = []
    for step in range(num_steps):
        tokens = tokenizer.encode(docs[0])
        optimizer.zero_grad()
        loss = doc_loss(state, tokens)
        backward(loss)
        optimizer.step(linear_decay(lr, step, num_steps))
        losses.append(loss.data)
        if on_step is not None:
            on_step(step, loss.data)
    return losses
