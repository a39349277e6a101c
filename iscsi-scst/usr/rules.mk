# SPDX-License-Identifier: GPL-2.0
# How the programs of iscsi-scst/ are built and installed. V=1 shows the commands.
#
# The including Makefile sets before: top, program, page (in section 8), sources, packages.

DESTDIR ?=
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/man
INSTALL ?= install
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g

objects := $(notdir $(sources:.c=.o))
vpath %.c $(top)/iscsi-scst/pure $(top)/scst/pure $(top)/iscsi-scst/usr $(top)/iscsi-scst/isns

# The objects stand in the program's folder, apart from those that the kernel build makes of the same files.
all_cflags = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes -Wno-override-init \
	-I. -I$(top)/include -I$(top)/iscsi-scst/pure -I$(top)/iscsi-scst/usr -I$(top)/iscsi-scst/isns -I$(top)/scst/pure \
	-fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	$(if $(filter -O%,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) \
	$(if $(packages),$(shell $(PKG_CONFIG) --cflags $(packages))) $(CPPFLAGS) $(CFLAGS)
all_ldflags = -pie -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)

ifeq ($(V),)
quiet = @echo '  $(1) $@';
endif

.PHONY: all clean install uninstall
all: $(program)

$(program): $(objects)
	$(call quiet,LD )$(CC) $(all_ldflags) -o $@ $^ $(if $(packages),$(shell $(PKG_CONFIG) --libs $(packages)))

%.o: %.c | have_packages
	$(call quiet,CC )$(CC) $(all_cflags) -MMD -MP -c -o $@ $<

.PHONY: have_packages
have_packages:
	$(if $(packages),@$(PKG_CONFIG) --exists $(packages) || { \
	echo 'Missing libraries; on Debian: apt-get install pkg-config libnl-genl-3-dev libseccomp-dev libcap-ng-dev libssl-dev' >&2; \
	exit 1; })

install: all
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8
	$(INSTALL) -m 755 $(program) $(DESTDIR)$(SBINDIR)/
	$(INSTALL) -m 644 $(page) $(DESTDIR)$(MANDIR)/man8/

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/$(program) $(DESTDIR)$(MANDIR)/man8/$(page)

# "make -j clean all": first the one, then the other.
ifneq ($(filter clean,$(MAKECMDGOALS)),)
$(objects): clean
endif

clean:
	rm -f $(program) *.o *.d

-include $(wildcard *.d)
