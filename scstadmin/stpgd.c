// SPDX-License-Identifier: GPL-2.0
/*
 * scst-stpgd: carries out what initiators ask by SET TARGET PORT GROUPS. It waits for these events at /dev/scst_event, runs
 * a program of the administrator's, if there is one, writes the new states, and confirms.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "scst_event.h"

#define ROOT		"/sys/kernel/scst_tgt"
#define ROOM		65536

static void usage(FILE *out)
{
	fputs("Usage: scst-stpgd [-f] [-e PROGRAM]\n"
	      "  -f          stay in the foreground\n"
	      "  -e PROGRAM  run as PROGRAM DEVICE DGROUP TGROUP OLD_STATE NEW_STATE before a state is\n"
	      "              written; an exit code other than 0 refuses the request\n", out);
}

/* A name as the kernel gives it, which may have been cut: then it names nothing. */
static int whole_name(const char *name, size_t size)
{
	size_t len = strnlen(name, size);

	return len && len < size - 1 && !strchr(name, '/');
}

static int write_state(const struct scst_event_stpg_group *g)
{
	char path[512];
	int fd, ret = 0;

	snprintf(path, sizeof(path), ROOT "/device_groups/%.64s/target_groups/%.64s/state", g->dg_name,
		 g->tg_name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, g->new_state, strnlen(g->new_state, sizeof(g->new_state))) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int run_program(const char *program, const char *device, const struct scst_event_stpg_group *g)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid) {
		execl(program, program, device, g->dg_name, g->tg_name, g->prev_state, g->new_state, NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EPERM;
}

static int change(const char *program, const char *device, const struct scst_event_stpg_group *g)
{
	int ret = 0;

	if (!whole_name(g->dg_name, sizeof(g->dg_name)) || !whole_name(g->tg_name, sizeof(g->tg_name)))
		return -ENAMETOOLONG;
	if (program)
		ret = run_program(program, device, g);
	if (!ret)
		ret = write_state(g);
	syslog(ret ? LOG_ERR : LOG_INFO, "device %.64s: target group %.64s of %.64s: %.32s to %.32s%s%s",
	       device, g->tg_name, g->dg_name, g->prev_state, g->new_state, ret ? ": " : "",
	       ret ? strerror(-ret) : "");
	return ret;
}

/* Losing access first: two controllers must not both have it. */
static int opens(const struct scst_event_stpg_group *g)
{
	return !strcmp(g->new_state, "active") || !strcmp(g->new_state, "nonoptimized");
}

static int carry_out(const char *program, const struct scst_event_stpg *ev, size_t len)
{
	size_t room = len < offsetof(struct scst_event_stpg, groups) ? 0 :
		      (len - offsetof(struct scst_event_stpg, groups)) / sizeof(ev->groups[0]);
	int pass, ret = 0;
	unsigned int i;

	if (!room || ev->count > room)
		return -EINVAL;
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < ev->count && !ret; i++)
			if (opens(&ev->groups[i]) == pass)
				ret = change(program, ev->device_name, &ev->groups[i]);
	return ret;
}

static int serve(int fd, const char *program)
{
	static union {
		struct scst_event_user user;
		char room[ROOM];
	} buf;
	struct scst_event *ev = &buf.user.out_event;
	struct scst_event_notify_done done;

	for (;;) {
		buf.user.max_event_size = ROOM - offsetof(struct scst_event_user, out_event);
		if (ioctl(fd, SCST_EVENT_GET_NEXT, &buf)) {
			if (errno == EINTR)
				continue;
			syslog(LOG_ERR, "cannot fetch an event: %m");
			return 1;
		}
		done.event_id = ev->event_id;
		done.status = carry_out(program, (struct scst_event_stpg *)(ev + 1), ev->payload_len);
		if (ioctl(fd, SCST_EVENT_NOTIFY_DONE, &done) && errno != ENOENT)
			syslog(LOG_ERR, "cannot confirm an event: %m");
	}
}

int main(int argc, char **argv)
{
	struct scst_event all = { .event_code = SCST_EVENT_STPG, .issuer_name = SCST_EVENT_ISSUER };
	const char *program = NULL;
	int opt, fd, foreground = 0;

	while ((opt = getopt(argc, argv, "fe:h")) != -1) {
		if (opt == 'f') {
			foreground = 1;
		} else if (opt == 'e') {
			program = optarg;
		} else {
			usage(opt == 'h' ? stdout : stderr);
			return opt != 'h';
		}
	}
	if (program && access(program, X_OK)) {
		fprintf(stderr, "scst-stpgd: %s: %s\n", program, strerror(errno));
		return 1;
	}
	fd = open("/dev/scst_event", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, SCST_EVENT_ALLOW, &all)) {
		fprintf(stderr, "scst-stpgd: /dev/scst_event: %s\n", strerror(errno));
		return 1;
	}
	openlog("scst-stpgd", LOG_PID, LOG_DAEMON);
	if (!foreground && daemon(0, 0)) {
		perror("scst-stpgd: daemon");
		return 1;
	}
	return serve(fd, program);
}
