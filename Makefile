# demo and test are the two commands; each does all of its own set-up.
PYTHON ?= python3
RUN := .venv/bin

.PHONY: demo test test-slow lint audit stability bench bench-peers bench-scale parity survival fuzz stubs notebooks clean

demo: .venv/ready  ## grade the real submissions in tests/submissions and write the report
	rm -rf build/demo
	$(RUN)/grader run tests/submissions --out build/demo --seed 1

# long files early: see testpaths, tests/grader/conftest.py
test: .venv/ready  ## the whole test suite but for what takes minutes by itself
	$(RUN)/python -m pytest -rs -n auto --dist loadfile --no-loadscope-reorder -m "not slow"

test-slow: .venv/ready  ## the rest: every answer of the catalogues, notebooks on solutions, a sampled audit, heavy hand-ins, kills
	$(RUN)/python -m pytest -rs -n auto --dist worksteal -m slow

lint: .venv/ready
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/hadolint Dockerfile

bench: .venv/ready  ## speed as ratios of one run: grading against plain pytest and bare probes, training against the original
	$(RUN)/python tests/bench/grading.py
	$(RUN)/python tests/bench/bare.py
	$(RUN)/python tests/bench/training.py $(if $(NAMES),--names $(NAMES))

bench-peers: .venv/ready  ## marking against nbgrader and otter-grader, in environments of their own: ten to fifteen minutes, 1 GB
	$(RUN)/python tests/bench/peers.py

bench-scale: .venv/ready  ## what grading costs at 100, 1,000 and 10,000 submissions: more than an hour, with nothing else at work
	$(RUN)/python tests/bench/scale.py

audit: .venv/ready  ## small mistakes in every solution against both suites, and the README's table of it: ten minutes
	$(RUN)/grader audit --out build/audit --table README.md

stability: .venv/ready  ## right and wrong answers on 200 seeds, and how far the tolerances are from both: an hour
	$(RUN)/python tests/bench/stability.py

parity: .venv/ready  ## the original microgpt's figures on the full list, and the lessons': make parity NAMES=names.txt
	$(RUN)/python tests/bench/parity.py $(NAMES)

survival: .venv/ready  ## 200 kills at random moments, each followed by the same command again: seven minutes
	KILLS=200 $(RUN)/python -m pytest -q -s tests/grader/test_survival.py -k any_kill

fuzz: .venv/ready  ## 100,000 odd frames and replies of each sort: more than an hour
	FUZZ_CASES=100000 $(RUN)/python -m pytest -q tests/grader/test_fuzz.py

stubs: .venv/ready  ## regenerate the stubs in exercises/ from solutions/
	$(RUN)/grader release --stubs

.venv/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(RUN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

notebooks: .venv/ready  ## regenerate the notebooks in exercises/ from lessons, stubs, public tests and explore scripts
	$(RUN)/grader release --notebooks

clean:
	rm -rf .venv build *.egg-info
