# `make` lists what there is. Everything runs in a virtual environment of its own that `make setup`
# makes from the hash-locked requirements; each other target sets it up first when it is not there.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/set-up
SERVICES := ingest transform netsuite-writer salesforce-writer auditor ops sandbox
QUICK := tests/tidy tests/unit tests/contract tests/matching
# Files are shared out between two workers, each with its own Kafka and PostgreSQL.
TWO_AT_ONCE := --numprocesses 2 --dist loadfile
AS_ROOT := $(if $(filter-out 0,$(shell id -u)),sudo)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
JAVA_EXTRA := import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	print(*project["optional-dependencies"]["java"], sep="\n")


ROLES := POSTGRES SYNC_OWNER SYNC_SERVICE AUDIT_OWNER AUDIT_WRITER AUDIT_READER KEYS_OWNER \
	KEYS_SERVICE

.DEFAULT_GOAL := help
.PHONY: help setup browser demo test check bench lint types format docs golden lock lock-kafka soql-oracle

help: ## list the targets
	@awk -F ':.*## ' '/^[.a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## make the virtual environment; nothing to do the second time

# Every package is pinned with its hashes, so nothing is resolved and nothing built but this project.
# A Java is installed only where there is none that can run Kafka.
$(STAMP): requirements/dev.txt requirements/java.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --no-deps --only-binary :all: --requirement requirements/dev.txt
	java -version 2>&1 | grep -Eq 'version "(1[7-9]|[2-9][0-9])' || \
		$(PIP) --require-hashes --no-deps --only-binary :all: --requirement requirements/java.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip --disable-pip-version-check check
	@touch $@

# One test walks through the stand-ins' pages. The package is Debian's; a browser under another of
# the names that the test knows will do.
browser:
	for name in chromium chromium-browser google-chrome chrome; do \
		if command -v $$name > /dev/null; then exit 0; fi; done; \
		{ $(AS_ROOT) apt-get -qq update && \
		$(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes \
			--no-install-recommends chromium > /dev/null; }

demo: setup ## the whole flow, told live; ONCE=1 ends by itself
	$(BIN)/tallystick demo $(if $(ONCE),--once)

test: setup browser ## every test
	$(BIN)/python -m pytest $(TWO_AT_ONCE) --durations=15 $(QUICK) tests/integration
	$(BIN)/python -m pytest $(TWO_AT_ONCE) --durations=15 tests/end_to_end

check: lint types ## style, types, house rules, unit and contract tests
	$(BIN)/python -m pytest --quiet $(TWO_AT_ONCE) $(QUICK)

bench: setup ## the benchmarks, printed with machine and commit
	$(BIN)/python -m tests.benchmarks

lint: setup ## style, without changing a file
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup ## mypy --strict
	$(BIN)/mypy

docs: setup ## write the documents that come from the map and the error catalogue
	$(BIN)/tallystick maps docs docs

golden: setup ## write anew what follows in the golden files; look at the difference
	$(BIN)/python -m tests.golden

format: setup ## put every file into the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.env: ## the passwords and the key that docker-compose.yml reads; made once
	mkdir -p .compose/maps .compose/sandbox
	umask 077 && test -s .compose/kek || head -c 32 /dev/urandom | base64 > .compose/kek
	umask 077 && for role in $(ROLES); do \
		echo "$${role}_PASSWORD=$$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')"; \
	done > $@.new && echo "TALLYSTICK_UID=$$(id -u)" >> $@.new \
		&& echo "TALLYSTICK_GID=$$(id -g)" >> $@.new && mv $@.new $@

lock: setup $(BIN)/uv ## pin the newest versions that pyproject.toml allows; UPGRADE=1 moves old pins
	$(LOCK) $(if $(UPGRADE),--upgrade) --extra dev $(SERVICES:%=--extra %) \
		--output-file requirements/dev.txt pyproject.toml
	for service in $(SERVICES); do \
		$(LOCK) --extra $$service --constraint requirements/dev.txt \
			--output-file requirements/$$service.txt pyproject.toml || exit 1; \
	done
	$(BIN)/python -c '$(JAVA_EXTRA)' | $(LOCK) --output-file requirements/java.txt -

$(BIN)/uv: $(STAMP)
	$(PIP) uv
	@touch $@

soql-oracle: ## ask another SOQL parser what it thinks of the queries of the unit tests
	cd tests/unit/sandbox/soql_oracle && npm ci --no-audit --no-fund && node oracle.mjs

lock-kafka: ## write the list of Kafka's jars anew, after a change of deploy/local/pom.xml
	rm -rf $(VENV)/kafka-jars
	mvn --batch-mode --quiet --file deploy/local/pom.xml dependency:copy-dependencies \
		-DincludeScope=runtime -DoutputDirectory=$(abspath $(VENV)/kafka-jars)
	cd $(VENV)/kafka-jars && sha256sum *.jar > $(abspath deploy/local/kafka-jars.sha256)
