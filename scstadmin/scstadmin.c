// SPDX-License-Identifier: GPL-2.0
/* main(): streams, signals and the place of the sysfs tree. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "adm.h"

static void on_signal(int sig)
{
	static const char msg[] = "\nscstadmin: interrupted, earlier steps stay in force\n";
	ssize_t n = write(STDERR_FILENO, msg, sizeof(msg) - 1);

	(void)n;
	(void)sig;
	_exit(1);
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct adm a = { .root_name = secure_getenv("SCSTADMIN_ROOT"), .patience = 300, .lock_patience = 30 };

	if (!a.root_name) {
		a.root_name = ADM_ROOT;
		a.lock_name = ADM_LOCK;
	}
	a.in = stdin;
	a.out = stdout;
	a.err = stderr;
	catch_signals();
	return adm_main(&a, argc, argv);
}
