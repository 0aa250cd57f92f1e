# my solution of step 2
# every entry of the stack is [node, number of its children that were looked at]


def topological_order(root):
    order = []
    already_seen = {}
    already_seen[id(root)] = root
    stack = [[root, 0]]
    while len(stack) > 0:
        entry = stack[len(stack) - 1]
        node = entry[0]
        position = entry[1]
        if position < len(node._children):
            entry[1] = position + 1
            child = node._children[position]
            if id(child) not in already_seen:
                already_seen[id(child)] = child
                stack.append([child, 0])
        else:
            stack.pop()
            order.append(node)
    return order


def backward(root):
    order = topological_order(root)
    # 1. reset
    i = 0
    while i < len(order):
        node = order[i]
        if len(node._children) > 0:
            node.grad = 0.0
        i = i + 1
    # 2. start
    root.grad = 1.0
    # 3. walk from the end to the start
    i = len(order) - 1
    while i >= 0:
        node = order[i]
        j = 0
        while j < len(node._children):
            child = node._children[j]
            slope = node._local_grads[j]
            child.grad = child.grad + slope * node.grad
            j = j + 1
        i = i - 1
