# make demo    show the register at work (ARGS="..." goes to `sogoc demo`)
# make serve   run the register with its own PostgreSQL (ARGS="..." goes to `sogoc serve`)
# make test    everything CI runs
# make bench   the register beside its peers (ARGS="--quick"; docs/performance.md says what is done)
# make bench-growth, bench-nation   a log of 50 million events; the whole country
# make soak    rounds of killing everybody at random moments (ROUNDS=300 SEED=1)
# make lock    choose the newest allowed libraries and write the hash-locked requirements
# make clean   remove what make has made; data folders stay

BIN := .venv/bin
PACKAGES := domain projections services api ops

.PHONY: demo serve test soak bench bench-growth bench-nation lock clean

demo: .venv/runtime.stamp
	@$(BIN)/sogoc demo $(ARGS)

serve: .venv/runtime.stamp
	@$(BIN)/sogoc serve $(ARGS)

test: .venv/dev.stamp
	@echo "== ruff check" && $(BIN)/ruff check .
	@echo "== ruff format" && $(BIN)/ruff format --check .
	@echo "== mypy" && $(BIN)/mypy $(PACKAGES) tests
	@echo "== import contracts" && $(BIN)/lint-imports
	@echo "== pytest" && $(BIN)/pytest $(ARGS)

ROUNDS ?= 300

soak: .venv/dev.stamp
	@$(BIN)/python -m tests.chaos --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED))

bench: .venv/bench.stamp
	@$(BIN)/python -m ops.bench $(ARGS)

bench-growth: .venv/runtime.stamp
	@$(BIN)/python -m ops.bench.growth $(ARGS)

bench-nation: .venv/runtime.stamp
	@$(BIN)/python -m ops.bench.nation $(ARGS)

.venv/runtime.stamp: requirements.lock pyproject.toml ops/bootstrap.sh
	@sh ops/bootstrap.sh requirements.lock $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml ops/bootstrap.sh
	@sh ops/bootstrap.sh requirements-dev.lock $@

.venv/bench.stamp: requirements-bench.lock pyproject.toml ops/bootstrap.sh
	@sh ops/bootstrap.sh requirements-bench.lock $@

lock:
	@sh ops/lock.sh

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
