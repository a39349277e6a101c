// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions and their connections: found by the numbers sysfs shows, printed, closed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "ops.h"
#include "tree.h"

static const char *hex_digits(const char *text)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	while (text[0] == '0' && text[1])
		text++;
	return text;
}

static bool has_sid(int sess, const char *sid)
{
	char text[32];

	return !tree_read_line(sess, "sid", text, sizeof(text)) && !strcasecmp(hex_digits(text), hex_digits(sid));
}

static bool has_cid(int conn, const char *cid)
{
	char text[32];

	return !tree_read_line(conn, "cid", text, sizeof(text)) && !strcmp(text, cid);
}

/* The directory below @dir of which @is says that it is the one with this id, or -1. */
static int find_child(int dir, bool (*is)(int child, const char *id), const char *id)
{
	DIR *d = tree_list(dir);
	struct dirent *e;
	int found = -1;

	while (d && found < 0 && (e = readdir(d))) {
		int child = e->d_name[0] == '.' ? -1 : tree_open_target(dir, e->d_name);

		if (child >= 0 && is(child, id))
			found = child;
		else if (child >= 0)
			close(child);
	}
	if (d)
		closedir(d);
	return found;
}

static int find_session(int tgt, const char *sid)
{
	int sessions = tree_open_target(tgt, "sessions");
	int sess = sessions < 0 ? -1 : find_child(sessions, has_sid, sid);

	if (sessions >= 0)
		close(sessions);
	return sess;
}

static void print_conn(int conn)
{
	static const char *const name[] = { "cid", "ip", "target_ip", "state", "transport" };
	char value[256];
	size_t i;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (!tree_read_line(conn, name[i], value, sizeof(value)))
			printf("%s=%s\n", name[i], value);
}

/* There is one connection per session: with it the session ends. */
static int close_conn(int sess)
{
	int ret = write_attr(sess, "force_close", "1");

	return ret ? adm_error("not closed: %s", strerror(-ret)) : ADM_OK;
}

static int act(const struct adm_request *r, int sess, int conn)
{
	if (r->op == ADM_DELETE && r->cid)
		return close_conn(sess);
	if (r->op != ADM_SHOW) {
		adm_error("a session can be shown, and a connection of it shown or deleted");
		return ADM_USAGE;
	}
	if (conn >= 0)
		print_conn(conn);
	print_attrs(sess);
	return ADM_OK;
}

int session_op(const struct adm_request *r, int drv)
{
	char name[ISCSI_STORED_NAME_MAX + 1];
	int sess, conn = -1;
	int tgt = find_tid(drv, r->tid, name);
	int ret;

	if (tgt < 0)
		return ADM_FAILED;
	sess = find_session(tgt, r->sid);
	close(tgt);
	if (sess < 0)
		return adm_error("%s has no session %s", name, r->sid);
	if (r->cid)
		conn = find_child(sess, has_cid, r->cid);
	ret = r->cid && conn < 0 ? adm_error("session %s has no connection %s", r->sid, r->cid) : act(r, sess, conn);
	if (conn >= 0)
		close(conn);
	close(sess);
	return ret;
}
