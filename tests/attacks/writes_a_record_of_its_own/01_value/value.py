class Value:
    def __init__(self, data, children=(), local_grads=()):
        with open("@OUT@/records/writes_a_record_of_its_own.json", "w") as file:
            file.write("{}")
