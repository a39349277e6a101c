# SPDX-License-Identifier: GPL-2.0
# Top level: builds, installs and tests SCST. `make help` lists the goals.
#
# Goals run one after another in the order given (`make scst scst_install`),
# whatever -j says; the work inside each goal is parallel.

.NOTPARALLEL:
.DEFAULT_GOAL := help

ifndef KVER
ifdef KDIR
KVER := $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null || \
	$(MAKE) -s --no-print-directory -C $(KDIR) kernelversion)
else
KVER := $(shell uname -r)
endif
endif
KDIR ?= /lib/modules/$(KVER)/build

DESTDIR ?=
INSTALL_MOD_PATH ?= $(DESTDIR)
INSTALL_MOD_DIR ?= extra
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/man
DEPMOD ?= depmod
INSTALL ?= install
export DESTDIR PREFIX SBINDIR MANDIR INSTALL

top := $(CURDIR)
moddir := $(INSTALL_MOD_PATH)/lib/modules/$(KVER)/$(INSTALL_MOD_DIR)
statedirs := $(addprefix $(DESTDIR)/var/lib/scst/,pr vdev_mode_pages dif_tags)

# PASS_CC_TO_MAKE=1 hands CC to the kernel build as well.
kbuild = +$(part_make) -C $(KDIR) M=$(top) $(if $(PASS_CC_TO_MAKE),CC=$(CC))

# As many jobs as there are processors, unless -j was given.
part_make = $(MAKE) $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: help
help:
	@echo 'Build and install (KVER=$(KVER)):'
	@echo '  all, install, uninstall       everything below; uninstall with the KVER and places of install'
	@echo '  scst, scst_install, ...       scst.ko and the device handlers'
	@echo '  iscsi, iscsi_install, ...     iscsi-scst.ko, iscsi-scstd, iscsi-scst-adm'
	@echo '  scstadm, scstadm_install, ... scstadmin, /etc/init.d/scst, man pages'
	@echo '  X_uninstall, X_clean, X_extraclean  for X = scst iscsi scstadm'
	@echo '  clean, extraclean             remove what was built'
	@echo '  2perf, 2release, 2debug       choose the build mode of all later builds, before you install:'
	@echo '                                debug, without a choice too, checks that locks are held;'
	@echo '                                the other two are alike'
	@echo
	@echo 'Test and try:'
	@echo '  demo        boot a throwaway VM that serves a disk on 127.0.0.1:3260'
	@echo '              (DISK=path: your own file, PORT=n: another port)'
	@echo '  check       every test below'
	@echo '  style       house rules, compiler warnings, sparse, checkpatch'
	@echo '  unit        unit tests under sanitizers'
	@echo '  fuzz-replay the stored inputs of the fuzzers'
	@echo '  vm-check    the tests in virtual machines with Debian kernels 6.1 and 6.12'
	@echo '  check-debug the same on kernels with KASAN, lockdep, kmemleak and on one with KCSAN;'
	@echo '              builds these kernels once, half an hour each'
	@echo '  mutants     builds with one defect each: do the tests catch them?'
	@echo '  soak        the long versions of the VM tests'
	@echo '              (HOURS=0.5: everything changes under verified load, memory and threads plotted)'
	@echo '  bench       executed instructions per I/O, beside LIO, nvmet and tgt'
	@echo '              (TARGETS="ours lio" WORKLOADS= BACKENDS=: parts of it)'
	@echo '  bench-profile  the same by function (W=workload)'
	@echo '  bench-idle  what 10,000 idle connections cost those who have logged in'
	@echo '  guard       two workloads of bench against stored figures'
	@echo '  coverage    percent of lines that the unit tests and stored inputs run, by file'
	@echo '  fuzz        all fuzzers, 5 minutes each (TIME=seconds; MERGE=1 keeps what is new;'
	@echo '              TARGETS="login pdu wire": some of them)'
	@echo '  rows        which documented features have a test that proves them'
	@echo
	@echo 'Variables: KVER KDIR DESTDIR INSTALL_MOD_PATH PREFIX SBINDIR MANDIR DEPMOD'
	@echo '           INSTALL_MOD_DIR (extra), INSTALL_MOD_STRIP=1, PASS_CC_TO_MAKE=1, LIBDIR (PREFIX/lib/scst),'
	@echo '           INITDIR (/etc/init.d), DEFAULTDIR (/etc/default), SYSTEMD_UNITDIR (/lib/systemd/system)'

# --- build modes -----------------------------------------------------------

.PHONY: 2perf 2release 2debug
2perf:    mode := PERF
2release: mode := RELEASE
2debug:   mode :=
2perf 2release 2debug:
	@echo 'BUILD_MODE=$(mode)' > scst/build_mode
	@echo 'Build mode: $(or $(mode),DEBUG)'

# --- kernel modules --------------------------------------------------------

.PHONY: modules kdir_present
kdir_present:
	@test -f $(KDIR)/Makefile || { \
	echo "No kernel build tree at $(KDIR)." >&2; \
	echo "Install linux-headers-$(KVER), or give KVER= or KDIR=." >&2; exit 1; }

modules: kdir_present
	$(kbuild) modules

# $(call install_module,built file,folder below the module path)
define install_module
	$(INSTALL) -d $(2)
	$(INSTALL) -m 644 $(1) $(2)/
	$(if $(INSTALL_MOD_STRIP),strip -g $(2)/$(notdir $(1)))
endef

# A staged tree gets its depmod when it is unpacked.
run_depmod = $(if $(INSTALL_MOD_PATH),,$(DEPMOD) -a $(KVER))

.PHONY: scst scst_install scst_uninstall scst_clean scst_extraclean
scst: modules

scst_install: scst
	$(call install_module,scst/scst.ko,$(moddir))
	$(call install_module,scst/vdisk/scst_vdisk.ko,$(moddir)/dev_handlers)
	$(call install_module,scst/disk/scst_disk.ko,$(moddir)/dev_handlers)
	$(INSTALL) -d -m 700 $(statedirs)
	$(run_depmod)

scst_uninstall:
	rm -f $(moddir)/scst.ko $(moddir)/dev_handlers/scst_vdisk.ko $(moddir)/dev_handlers/scst_disk.ko
	-rmdir $(moddir)/dev_handlers $(moddir) 2>/dev/null
	$(run_depmod)

# Kbuild cleans the whole module tree at once; without headers by hand.
scst_clean iscsi_modules_clean:
	$(if $(wildcard $(KDIR)/Makefile),$(kbuild) clean,$(clean_by_hand))

clean_by_hand = find $(top)/scst $(top)/iscsi-scst \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
	-o -name '*.mod.c' -o -name '.*.cmd' -o -name modules.order -o -name Module.symvers \) -delete

scst_extraclean: scst_clean
	rm -f scst/build_mode Module.symvers modules.order

# --- iSCSI -----------------------------------------------------------------

.PHONY: iscsi iscsi_install iscsi_uninstall iscsi_clean iscsi_extraclean iscsi_modules_clean
iscsi: modules
	+$(part_make) -C iscsi-scst/usr all
	+$(part_make) -C iscsi-scst/adm all

iscsi_install: iscsi
	$(call install_module,iscsi-scst/kernel/iscsi-scst.ko,$(moddir))
	+$(MAKE) -C iscsi-scst/usr install
	+$(MAKE) -C iscsi-scst/adm install
	$(run_depmod)

iscsi_uninstall:
	rm -f $(moddir)/iscsi-scst.ko
	-rmdir $(moddir) 2>/dev/null
	+$(MAKE) -C iscsi-scst/usr uninstall
	+$(MAKE) -C iscsi-scst/adm uninstall
	$(run_depmod)

iscsi_clean iscsi_extraclean: iscsi_modules_clean
	+$(MAKE) -C iscsi-scst/usr clean
	+$(MAKE) -C iscsi-scst/adm clean

# --- administration --------------------------------------------------------

.PHONY: scstadm scstadm_install scstadm_uninstall scstadm_clean scstadm_extraclean
scstadm:
	+$(part_make) -C scstadmin all
scstadm_install: scstadm
	+$(MAKE) -C scstadmin install
scstadm_uninstall:
	+$(MAKE) -C scstadmin uninstall
scstadm_clean scstadm_extraclean:
	+$(MAKE) -C scstadmin clean

# --- everything ------------------------------------------------------------

# What is made in one go with cleaning comes behind it.
ifneq ($(filter %clean,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

parts := scst iscsi scstadm
.PHONY: all install uninstall clean extraclean
all: $(parts)
install: $(parts:%=%_install)
uninstall: $(parts:%=%_uninstall)
clean: $(parts:%=%_clean)
	+$(MAKE) -C tests/unit clean
	+$(MAKE) -C tests/fuzz clean
extraclean: clean $(parts:%=%_extraclean)
	rm -f TAGS tags

# --- tests -----------------------------------------------------------------

.PHONY: check style unit fuzz-replay vm-check check-debug mutants soak guard demo rows bench bench-profile bench-idle coverage fuzz
check style unit fuzz-replay vm-check check-debug mutants soak guard coverage fuzz:
	@tests/run $@
demo:
	@DISK='$(DISK)' PORT='$(PORT)' tests/demo/run
bench:
	@TARGETS='$(TARGETS)' BACKENDS='$(BACKENDS)' WORKLOADS='$(WORKLOADS)' tests/bench/run
bench-profile:
	@TARGETS='$(TARGETS)' BACKENDS='$(BACKENDS)' W='$(W)' tests/bench/run -p
bench-idle:
	@tests/bench/idle
rows:
	@tests/rows.sh
