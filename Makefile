# handseg: `make demo` runs the main job, `make check` the tests; `make help` lists the rest.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules -j$(shell nproc)
SHELL := /bin/bash

BUILD   ?= build
PREFIX  ?= /usr/local
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
ARCH    := $(shell uname -m)

VERSION  := $(shell sed -n 's/^.define HS_VERSION "\(.*\)"/\1/p' include/handseg/version.h)
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wconversion \
            -Wno-sign-conversion $(if $(CI),-Werror)
# _GNU_SOURCE: fsync, rename, getline and threads beside C11. No -ffast-math: it deletes NaN checks.
CFLAGS   ?= -O3 -g
HS_CFLAGS = -std=c11 -D_GNU_SOURCE -fopenmp -ffp-contract=off -fno-math-errno -fno-trapping-math \
            -Isrc -Iinclude -I$(BUILD)/generated $(DEPS_CFLAGS) $(WARNINGS) -MMD -MP
LIBS      = $(DEPS_LIBS) -fopenmp -lm

LIBRARIES := hdf5 libpng zlib inih liblz4 libmicrohttpd jansson matio
# What the compiler and linker need to know of the libraries; making it installs what is missing.
ifneq ($(filter-out clean help lint format,$(or $(MAKECMDGOALS),all)),)
include $(BUILD)/deps.mk
endif
$(BUILD)/deps.mk: third_party/packages.txt scripts/install_deps.sh
	@mkdir -p $(@D)
	@scripts/install_deps.sh build test
	@{ echo "DEPS_CFLAGS := $$(pkg-config --cflags $(LIBRARIES))"; \
	   echo "DEPS_LIBS := $$(pkg-config --libs $(LIBRARIES))"; \
	   echo "CHECK_CFLAGS := $$(pkg-config --cflags check)"; \
	   echo "CHECK_LIBS := $$(pkg-config --libs check)"; } >$@

# ---- sources --------------------------------------------------------------------------------------
LIB_SRC  := $(filter-out src/cli/% src/kernels/avx%,$(wildcard src/*/*.c src/kernels/*/*.c))
ifeq ($(ARCH),x86_64)
LIB_SRC  += $(wildcard src/kernels/avx*/*.c)
endif
CLI_SRC  := $(wildcard src/cli/*.c)
SUPPORT  := $(wildcard tests/support/*.c)
TEST_SRC := $(filter-out $(SUPPORT),$(wildcard tests/*/test_*.c))
GRAD_SRC := $(wildcard tests/*/gradcheck_*.c)
BENCHES  := $(wildcard tests/bench/bench_*.c)
TOOLS    := $(wildcard tests/*/tool_*.c)

# Files built into the program: their bytes as numbers, for #include.
ASSETS   := $(patsubst src/%,$(BUILD)/generated/%.inc,$(wildcard $(addprefix src/review/*.,html css js) src/report/page.css))
$(BUILD)/generated/%.inc: src/%
	@mkdir -p $(@D)
	od -An -v -tu1 $< | sed 's/\([0-9]\)\( \|$$\)/\1,\2/g' >$@

# The commit built from, for hs_version; written only where it changed, so that nothing else is made anew.
$(BUILD)/generated/base/commit.inc: FORCE
	@mkdir -p $(@D)
	@commit=$$([ ! -e .git ] || git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null); \
	 echo "\"$${commit:+ ($$commit)}\"" | cmp -s - $@ || echo "\"$${commit:+ ($$commit)}\"" >$@

# Only files of one instruction set get its flags.
ISA_src/kernels/avx2/   := -mavx2 -mfma
ISA_src/kernels/avx512/ := -mavx512f -mavx512vl -mavx512dq -mavx512bw -mavx2 -mfma -mprefer-vector-width=512

# ---- variants: the same sources with other flags, each in a folder of its own --------------------
# $(call variant,NAME,flags): objects, the library, the program and the tests of build/NAME.
define variant
$(BUILD)/$(1)/obj/%.o: %.c | $(BUILD)/deps.mk
	@mkdir -p $$(@D)
	$$(CC) $$(HS_CFLAGS) $$(CFLAGS) $(2) $$(ISA_$$(dir $$<)) $$(if $$(filter tests/%,$$<),-Itests $$(CHECK_CFLAGS)) -c $$< -o $$@
$(BUILD)/$(1)/obj/src/base/version.o: $(BUILD)/generated/base/commit.inc
$(BUILD)/$(1)/obj/src/review/assets.o $(BUILD)/$(1)/obj/src/report/page.o: $(ASSETS)
$(BUILD)/$(1)/libhandseg.a: $(LIB_SRC:%.c=$(BUILD)/$(1)/obj/%.o)
	@rm -f $$@
	$$(AR) rcs $$@ $$^
$(BUILD)/$(1)/handseg: $(CLI_SRC:%.c=$(BUILD)/$(1)/obj/%.o) $(BUILD)/$(1)/libhandseg.a
	$$(CC) $(2) $$^ $$(LIBS) $$(LDFLAGS) -o $$@
$(BUILD)/$(1)/tests/%: $(BUILD)/$(1)/obj/tests/%.o $(SUPPORT:%.c=$(BUILD)/$(1)/obj/%.o) \
		$(filter-out %/main.o,$(CLI_SRC:%.c=$(BUILD)/$(1)/obj/%.o)) $(BUILD)/$(1)/libhandseg.a
	@mkdir -p $$(@D)
	$$(CC) $(2) $$^ $$(LIBS) $$(CHECK_LIBS) $$(LDFLAGS) -o $$@
-include $(LIB_SRC:%.c=$(BUILD)/$(1)/obj/%.d) $(CLI_SRC:%.c=$(BUILD)/$(1)/obj/%.d) \
	$(patsubst %.c,$(BUILD)/$(1)/obj/%.d,$(SUPPORT) $(TEST_SRC) $(GRAD_SRC) $(BENCHES) $(TOOLS))
endef

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
$(eval $(call variant,release,))
# The whole library in double precision: what the gradient checks run on.
$(eval $(call variant,f64,-DHS_REAL=double))
$(eval $(call variant,asan,$(SANITIZE)))
$(eval $(call variant,asan-f64,$(SANITIZE) -DHS_REAL=double))
.SECONDARY:

PROGRAM := $(BUILD)/release/handseg
LIBRARY := $(BUILD)/release/libhandseg.a
INSTALLED := $(abspath $(BUILD))/installed

# ---- targets --------------------------------------------------------------------------------------
.PHONY: all check check-browser demo paper asan fuzz lint format bench install uninstall clean help FORCE
all: $(PROGRAM) $(LIBRARY) ## the program and the library, in build/release

tests_of = $(TEST_SRC:tests/%.c=$(BUILD)/$(1)/tests/%) $(GRAD_SRC:tests/%.c=$(BUILD)/$(2)/tests/%)

check: $(PROGRAM) $(INSTALLED)/.stamp $(call tests_of,release,f64) ## the tests
	scripts/run_tests.sh $(BUILD)/release $(filter-out $(PROGRAM) %/.stamp,$^)

# Debian's own python3 has Debian's selenium.
check-browser: export PATH := /usr/bin:$(PATH)
check-browser: $(PROGRAM) ## the pages of review and report in a headless browser
	scripts/install_deps.sh browser
	tests/browser/check_review.py $(PROGRAM) --screenshots $(BUILD)/browser
	tests/browser/check_report.py $(PROGRAM) --screenshots $(BUILD)/browser

# Leaks are left to the system's tools where ptrace is forbidden; everything else is fatal.
asan: $(BUILD)/asan/handseg $(call tests_of,asan,asan-f64) ## the tests under address and undefined behaviour sanitizers
	scripts/run_tests.sh $(BUILD)/asan $(filter-out %/handseg,$^)

# Coverage-guided: each reader of files under clang's libFuzzer for FUZZ_SECONDS. New inputs are kept in
# build/fuzz/corpus, what crashes or hangs in build/fuzz. OpenMP's pragmas do nothing here, there is one thread.
FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SRC := $(wildcard $(addprefix src/,$(addsuffix /*.c,base config io image glove recording net graph ops))) \
            $(filter src/kernels/%,$(LIB_SRC)) src/data/camera_file.c tests/support/fuzz_file.c
$(BUILD)/fuzz/.tools: third_party/packages.txt
	@mkdir -p $(@D)
	@scripts/install_deps.sh fuzz && touch $@
$(BUILD)/fuzz/obj/%.o: %.c $(BUILD)/fuzz/.tools
	@mkdir -p $(@D)
	clang $(filter-out -fopenmp $(WARNINGS),$(HS_CFLAGS)) -Itests -g -O1 -fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize-recover=all $(ISA_$(dir $<)) -c $< -o $@
$(BUILD)/fuzz/obj/src/base/version.o: $(BUILD)/generated/base/commit.inc
$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/obj/tests/fuzz/fuzz_%.o $(FUZZ_SRC:%.c=$(BUILD)/fuzz/obj/%.o)
	clang -fsanitize=fuzzer,address,undefined $^ $(DEPS_LIBS) -fopenmp -lm -o $@
-include $(FUZZ_SRC:%.c=$(BUILD)/fuzz/obj/%.d) $(FUZZERS:%=$(BUILD)/fuzz/obj/tests/fuzz/fuzz_%.d)
fuzz: $(FUZZERS:%=fuzz-%) ## the readers of files under a fuzzer (clang): FUZZ_SECONDS=60 each
fuzz-%: $(BUILD)/fuzz/fuzz_%
	@mkdir -p $(BUILD)/fuzz/corpus/$*
	$< -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
	    -artifact_prefix=$(BUILD)/fuzz/$*- $(BUILD)/fuzz/corpus/$* tests/fuzz/corpus/$*

demo: $(PROGRAM) ## the main job: render, pack, train, evaluate; tables and pictures in demo/
	scripts/demo.sh $(PROGRAM) demo

paper: $(PROGRAM) ## the paper's tables and figures on rendered frames, in less than an hour; report/index.html
	scripts/paper.sh --out report

lint: ## format, include directions, sizes of files and functions
	scripts/lint.sh

format: ## rewrites the sources in the project's format
	clang-format -i $$(git ls-files '*.c' '*.h')

bench: $(PROGRAM) $(BENCHES:tests/%.c=$(BUILD)/release/tests/%) ## kernels and whole steps, timed
	scripts/bench.sh $(PROGRAM) $(filter-out $(PROGRAM),$^)

# $(call install_into,FOLDER,PREFIX): where the files go, and where they will lie when they are used.
define install_into
install -d $(1)/{bin,lib/pkgconfig,include/handseg,share/handseg}
install $(PROGRAM) $(1)/bin/
install -m 644 $(LIBRARY) $(1)/lib/
install -m 644 include/handseg/*.h include/handseg/*.def $(1)/include/handseg/
cp -r configs $(1)/share/handseg/
sed -e 's|@PREFIX@|$(2)|; s|@VERSION@|$(VERSION)|; s|@LIBS@|$(DEPS_LIBS) -fopenmp -lm|' \
    scripts/handseg.pc.in >$(1)/lib/pkgconfig/handseg.pc
endef

install: $(PROGRAM) $(LIBRARY) ## program, library, headers, configurations, pkg-config file: PREFIX=/usr/local
	$(call install_into,$(DESTDIR)$(PREFIX),$(PREFIX))

# An installation for the tests, which build the example against it.
$(INSTALLED)/.stamp: $(PROGRAM) $(LIBRARY) $(wildcard include/handseg/* configs/*/*) scripts/handseg.pc.in
	rm -rf $(@D)
	$(call install_into,$(@D),$(@D))
	@touch $@

uninstall: ## removes what install put under PREFIX
	rm -rf $(DESTDIR)$(PREFIX)/{bin/handseg,lib/libhandseg.a,lib/pkgconfig/handseg.pc,include/handseg,share/handseg}

clean: ## removes build/
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18
