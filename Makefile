# Two commands matter: `make run` and `make test`. Both set up what is missing and are quick when run again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: run test index check lint audit format eval bench bench-page bench-widget load growth ablation adapt lock picture clean

run: $(VENV)/.run
	$(BIN)/uccn index
	$(BIN)/uccn serve

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: lint audit test

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/uccn sources --check

AUDITOR := .venv-audit/bin/pip-audit

audit: $(AUDITOR)  # known weaknesses of what the lock names, where the service that lists them can be reached
	@said=$$($(AUDITOR) --vulnerability-service osv --disable-pip --no-deps --requirement requirements.lock 2>&1); \
	  status=$$?; \
	  case "$$said" in \
	    *ConnectionError*|*Timeout*) echo "pip-audit reaches no list of weaknesses from here: nothing was audited" ;; \
	    *) echo "$$said"; exit $$status ;; \
	  esac

$(AUDITOR):
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip --quiet --disable-pip-version-check install pip-audit==2.10.1

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

index: $(VENV)/.run
	$(BIN)/uccn index

eval: index
	$(BIN)/uccn eval check
	$(BIN)/uccn eval run
	$(BIN)/uccn eval report
	$(BIN)/uccn eval gate

bench: $(VENV)/.bench
	$(BIN)/python -m evals.bench

bench-page:  # against a server that runs
	$(BIN)/python -m evals.page

bench-widget: $(VENV)/.test
	$(BIN)/uccn index
	$(BIN)/python -m evals.bench_widget

load: $(VENV)/.bench index
	$(BIN)/python -m evals.load --picture docs/load.png

ablation: index
	$(BIN)/python -m evals.ablation

growth: $(VENV)/.bench index
	$(BIN)/python -m evals.growth 1000 10000 100000

adapt: $(VENV)/.run
	$(BIN)/python -m evals.adapt

# A lock with the hash of every file. GPU libraries are left out, so Linux gets the CPU build of torch.
GPU := cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc \
  nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver nvidia-cusparse \
  nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx triton
CPU_TORCH := 6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b

lock: $(VENV)/.run
	$(PIP) install -c constraints.txt -e '.[lock]'
	$(BIN)/uv pip compile pyproject.toml --extra test --python-version 3.11 --universal --generate-hashes --quiet \
	  -c constraints.txt --no-emit-index-url --no-header --no-annotate $(GPU:%=--no-emit-package %) -o requirements.lock
	sed -i "s/^\(torch==[0-9.]*\) .*/\1+cpu ; sys_platform == 'linux' --hash=sha256:$(CPU_TORCH)\n\1 ; sys_platform != 'linux' \\\\/" requirements.lock

picture: $(VENV)/.test  # after `make eval`, which writes the report
	$(BIN)/uccn index
	CHAT_PICTURES=docs $(BIN)/python -m pytest tests/test_browser.py -k picture
	BESIDE_PICTURES=docs $(BIN)/python -m pytest tests/test_browser_beside.py -k pictures
	REPORT_PAGE=$(CURDIR)/evals/runs/report.html REPORT_PICTURE=docs/report.png $(BIN)/python -m pytest tests/test_eval_page.py -k picture

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache evals/runs index/current index/v-* index/building* index/models index/build.lock

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing; this takes a few minutes the first time."
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(PIP) install -c constraints.txt -e '.[test]'
	@touch $@

$(VENV)/.bench: $(VENV)/.run
	$(PIP) install -c constraints.txt -e '.[bench]'
	@touch $@
