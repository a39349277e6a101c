// SPDX-License-Identifier: GPL-2.0
/*
 * The whole daemon, but for the kernel module, on a fake tree: daemon.py starts this program again as the daemon.
 *
 * links: iscsi-scst/usr/iscsi_scstd.c iscsi-scst/usr/serve.c iscsi-scst/usr/discovery_session.c iscsi-scst/usr/pduio.c
 * links: iscsi-scst/usr/discovery.c iscsi-scst/usr/tree.c iscsi-scst/isns/access.c iscsi-scst/usr/addr.c iscsi-scst/usr/slots.c
 * links: iscsi-scst/usr/options.c iscsi-scst/usr/listen.c iscsi-scst/usr/log.c iscsi-scst/usr/sandbox.c
 * links: iscsi-scst/usr/report.c iscsi-scst/usr/hosts.c iscsi-scst/usr/service.c
 * links: iscsi-scst/pure/login.c iscsi-scst/pure/nego.c iscsi-scst/pure/chap.c iscsi-scst/pure/text.c
 * links: iscsi-scst/pure/keys.c iscsi-scst/usr/accounts.c iscsi-scst/usr/digest.c scst/pure/match.c
 * links: iscsi-scst/usr/legacy_apply.c iscsi-scst/pure/legacy.c
 * links: tests/unit/iscsi_login/_handover_fake.c
 * links: iscsi-scst/isns/child.c iscsi-scst/isns/client.c iscsi-scst/isns/net.c iscsi-scst/isns/view.c iscsi-scst/pure/isns.c
 * libs: -lseccomp -lcap-ng -lcrypto
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scstd.h"

int main(int argc, char **argv)
{
	const char *top = getenv("TESTS_TOP");
	char script[4096], self[4096];
	ssize_t n;

	if (argc > 1 && !strcmp(argv[1], "--daemon"))
		return scstd_main(argc - 1, argv + 1);
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (!top || n < 0)
		return 2;
	self[n] = '\0';
	snprintf(script, sizeof(script), "%s/tests/unit/iscsi_login/daemon.py", top);
	execlp("python3", "python3", "-B", script, self, NULL);
	return 127;
}
