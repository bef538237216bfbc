# make demo    set up, train on the airline passengers, forecast 12 months, show the table and the picture's place
# make check   set up, then formatting, lint, types, layers and the fast tests: before each commit, within a minute
# make test    set up, then the same with all tests
# make test-backends    train and export small networks with JAX and with PyTorch, each in an environment of its own without
#              TensorFlow; downloads gigabytes and takes minutes. BACKENDS=jax for one of them
# make lock    choose the newest versions again and write constraints.txt, and benchmarks/constraints.txt, which adds what
#              only the benchmarks need (torch is gigabytes); both have the same versions of what they share
# make bench-accuracy    accuracy and time on M3 quarterly, beside other libraries: SET=yearly, monthly or other for another
#              set, SEEDS=0,1,2 for more seeds, PEERS=... for other methods, FULL=yes for the automatic models of
#              neuralforecast too, which take long; an environment of its own, .venv-bench
# make bench-airline     the same on the airline passengers, beside statistical methods
# make reference    write docs/command-reference.md from the program's own --help
# make tutorial     run the commands of docs/tutorial.md, and write what they print into it; takes minutes

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
BENCH_BIN := .venv-bench/bin
BENCH_INSTALLED := .venv-bench/.installed
PYTEST := $(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Python keeps compiled modules, whatever the environment says: the tests start the program hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

# OMP_WAIT_POLICY: without it, threads of torch and LightGBM that wait keep a core busy; beside other work on the machine
# they then take many times as long.
SET ?= quarterly
SEEDS ?= 0
BACKENDS ?= jax torch
STATISTICAL := seasonal-naive,theta,ets,arima,ces,median
PEERS ?= $(STATISTICAL),mlforecast.LGBMRegressor,mlforecast.AutoLightGBM,neuralforecast.LSTM,neuralforecast.NHITS
SEARCHES := ,neuralforecast.AutoNHITS,neuralforecast.AutoLSTM

.PHONY: demo check test static test-backends bench bench-accuracy bench-airline lock reference tutorial format clean

demo: $(INSTALLED)
	mkdir -p demo
	$(BIN)/forecast train sample_data/airline_passengers.csv --model-dir demo/model
	$(BIN)/forecast predict --horizon 12 --model-dir demo/model --against arima,ets,theta,seasonal-naive \
	    --plot demo/forecast.png
	$(BIN)/forecast predict --horizon 12 --model-dir demo/model --quiet --output demo/forecast.csv
	@echo
	@echo "The forecast:  $(CURDIR)/demo/forecast.csv"
	@echo "The picture:   $(CURDIR)/demo/forecast.png"
	@echo "The model:     $(CURDIR)/demo/model"

check: static
	$(PYTEST) -m "not slow"

test: static
	$(PYTEST)

static: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-backends: $(INSTALLED)
	for backend in $(BACKENDS); do \
	    $(PYTHON) -m venv .venv-$$backend && \
	    $(BIN)/uv pip install --python .venv-$$backend/bin/python --quiet --constraint constraints.txt \
	        --editable ".[$$backend]" pytest hypothesis && \
	    $(BIN)/uv pip uninstall --python .venv-$$backend/bin/python --quiet tensorflow tf2onnx && \
	    KERAS_BACKEND=$$backend .venv-$$backend/bin/pytest tests/backends/check_backend.py || exit 1; \
	done

bench: $(INSTALLED)
	$(BIN)/python benchmarks/speed.py

bench-accuracy: $(BENCH_INSTALLED)
	$(BENCH_BIN)/python benchmarks/m3.py demo $(SET)
	OMP_WAIT_POLICY=PASSIVE $(BENCH_BIN)/python benchmarks/accuracy.py demo/m3_$(SET)_train.csv demo/m3_$(SET)_test.csv \
	    --seeds $(SEEDS) --variant forecast= --peers $(PEERS)$(if $(FULL),$(SEARCHES))

bench-airline: $(INSTALLED)
	mkdir -p demo
	head -n 133 sample_data/airline_passengers.csv > demo/airline_train.csv
	head -n 1 sample_data/airline_passengers.csv > demo/airline_test.csv
	tail -n 12 sample_data/airline_passengers.csv >> demo/airline_test.csv
	$(BIN)/python benchmarks/accuracy.py demo/airline_train.csv demo/airline_test.csv --seeds 0,1,2,3,4 \
	    --variant 'default=--model lstm+smoothing' --variant 'blend=--model blend' --peers naive,seasonal-naive,theta,ets,arima,ces,median

reference: $(INSTALLED)
	$(BIN)/python -m forecast_cli.cli.reference > docs/command-reference.md

tutorial: $(INSTALLED)
	$(BIN)/python -m tests.docs.console

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(INSTALLED)
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --no-header --no-annotate \
	    --quiet --upgrade --output-file constraints.txt
	$(BIN)/uv pip compile pyproject.toml --extra bench --constraint constraints.txt --universal --python-version 3.11 \
	    --no-header --no-annotate --quiet --upgrade --output-file benchmarks/constraints.txt

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'forecast needs Python 3.11 or later')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --constraint constraints.txt --editable ".[dev]"
	touch $@

$(BENCH_INSTALLED): pyproject.toml benchmarks/constraints.txt
	$(PYTHON) -m venv .venv-bench
	$(BENCH_BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BENCH_BIN)/uv pip install --python $(BENCH_BIN)/python --quiet --compile-bytecode \
	    --constraint benchmarks/constraints.txt --editable ".[bench]"
	touch $@

clean:
	rm -rf .venv .venv-bench .venv-jax .venv-torch demo build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
