// SPDX-License-Identifier: GPL-2.0
/* A directory that looks like the sysfs tree, and a stand-in for the kernel behind it. */
#include "fake.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILEIO_PARAMS "active, async, blocksize, cluster_mode, filename, nv_cache, read_only, " \
	"removable, rotational, t10_dev_id, thin_provisioned, write_through"

static char scratch[256][16384];

static char *buf(void)
{
	static unsigned int n;

	return scratch[n++ % 256];
}

static const char *at(struct fake *f, const char *path)
{
	char *b = buf();

	snprintf(b, 16384, "%s/tree/%s", f->dir, path);
	return b;
}

static const char *fmt(const char *format, ...) printf_like(1, 2);

static const char *fmt(const char *format, ...)
{
	char *b = buf();
	va_list ap;

	va_start(ap, format);
	vsnprintf(b, 16384, format, ap);
	va_end(ap);
	return b;
}

void fake_dir(struct fake *f, const char *path)
{
	if (mkdir(at(f, path), 0755)) {
		perror(at(f, path));
		abort();
	}
}

void fake_file(struct fake *f, const char *path, const char *text, int mode)
{
	FILE *file;

	unlink(at(f, path));
	file = fopen(at(f, path), "w");
	if (!file)
		abort();
	fputs(text, file);
	fclose(file);
	if (chmod(at(f, path), (mode_t)mode))
		abort();
}

void fake_link(struct fake *f, const char *path, const char *to)
{
	if (symlink(to, at(f, path)))
		abort();
}

const char *fake_slurp(const char *path)
{
	FILE *file = fopen(path, "r");
	char *b = buf();
	size_t n;

	if (!file)
		return NULL;
	n = fread(b, 1, 16383, file);
	b[n] = '\0';
	fclose(file);
	return b;
}

const char *fake_read(struct fake *f, const char *path)
{
	return fake_slurp(at(f, path));
}

bool fake_has(struct fake *f, const char *path)
{
	struct stat st;

	return !lstat(at(f, path), &st);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *w)
{
	(void)st;
	(void)type;
	(void)w;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- the machine ---- */

static void make_set(struct fake *f, const char *up)
{
	fake_dir(f, fmt("%s/luns", up));
	fake_file(f, fmt("%s/luns/mgmt", up),
		  "Usage: x\n\nThe following parameters available: read_only\n", 0644);
}

static void make_target(struct fake *f, const char *t)
{
	fake_dir(f, t);
	make_set(f, t);
	fake_dir(f, fmt("%s/ini_groups", t));
	fake_file(f, fmt("%s/ini_groups/mgmt", t), "", 0644);
	fake_dir(f, fmt("%s/sessions", t));
	fake_file(f, fmt("%s/rel_tgt_id", t), "0\n", 0644);
	fake_file(f, fmt("%s/QueuedCommands", t), "32\n", 0644);
	fake_file(f, fmt("%s/tid", t), "1\n", 0444);
	fake_file(f, fmt("%s/cpu_mask", t), "3\n", 0644);
}

static void make_handler(struct fake *f, const char *name, const char *params)
{
	fake_dir(f, fmt("handlers/%s", name));
	fake_file(f, fmt("handlers/%s/type", name),
		  "0 - Direct-access device (e.g., magnetic disk)\n", 0444);
	fake_file(f, fmt("handlers/%s/mgmt", name),
		  fmt("Usage: x\n\nThe following parameters available: %s\n", params), 0644);
}

static void make_drivers(struct fake *f)
{
	fake_dir(f, "targets");
	fake_dir(f, "targets/iscsi");
	fake_file(f, "targets/iscsi/enabled", "0\n", 0644);
	fake_file(f, "targets/iscsi/iSNSServer", "\n", 0644);
	fake_file(f, "targets/iscsi/version", "4.0.0\n", 0444);
	fake_file(f, "targets/iscsi/mgmt",
		  "Usage: x\n\nThe following target driver attributes available: IncomingUser\n"
		  "The following target attributes available: IncomingUser, allowed_portal\n", 0644);
	fake_dir(f, "targets/copy_manager");
	fake_file(f, "targets/copy_manager/allow_not_connected_copy", "0\n", 0644);
	make_target(f, "targets/copy_manager/copy_manager_tgt");
}

struct fake *fake_new(void)
{
	struct fake *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/scstadmin-test-XXXXXX");
	if (!mkdtemp(f->dir))
		abort();
	if (mkdir(fmt("%s/tree", f->dir), 0755))
		abort();
	fake_file(f, "version", "SCST version: 4.0.0\nSCST build date: \n", 0444);
	fake_file(f, "setup_id", "0x0\n", 0644);
	fake_file(f, "threads", "2\n", 0644);
	fake_file(f, "cluster_name", "", 0644);
	fake_file(f, "last_sysfs_mgmt_res", "0\n", 0444);
	fake_file(f, "trace_level", "mgmt | pid\n\n\nUsage:\n\techo x\n\n"
		  "[all, none, default, mgmt, pid, special, scsi]\n", 0644);
	fake_dir(f, "handlers");
	make_handler(f, "vdisk_fileio", FILEIO_PARAMS);
	make_handler(f, "vdisk_blockio", FILEIO_PARAMS);
	make_handler(f, "vdisk_nullio", "blocksize, read_only, size_mb");
	fake_dir(f, "devices");
	make_drivers(f);
	fake_dir(f, "device_groups");
	fake_file(f, "device_groups/mgmt", "", 0644);
	return f;
}

void fake_free(struct fake *f)
{
	free(f->out);
	free(f->err);
	remove_tree(f->dir);
	free(f);
}

const char *fake_log(struct fake *f)
{
	char *b = buf();

	snprintf(b, 16384, "%.16383s", f->log);
	f->log[0] = '\0';
	return b;
}

/* ---- the kernel ---- */

static int add_lun(struct fake *f, const char *set, const char *dev, const char *lun,
		   const char *params)
{
	bool ro = params && strstr(params, "read_only=1");
	const char *text;
	char path[1024];

	if (!fake_has(f, fmt("devices/%s", dev)))
		return -EINVAL;
	snprintf(path, sizeof(path), "%s/luns/%s", set, lun);
	if (fake_has(f, path))
		return -EEXIST;
	if (ro && strstr(set, "copy_manager"))
		return -EINVAL;
	fake_dir(f, path);
	text = fake_read(f, fmt("devices/%s/read_only", dev));
	ro |= text && *text == '1';
	fake_file(f, fmt("%s/read_only", path), ro ? "1\n[key]\n" : "0\n", 0444);
	fake_link(f, fmt("%s/device", path), fmt("../../../../../devices/%s", dev));
	if (!strstr(set, "copy_manager"))
		fake_link(f, fmt("devices/%s/exported/%s_%s", dev, strrchr(set, '/') + 1, lun),
		   fmt("../../../%s/luns/%s", set, lun));
	return 0;
}

static int del_lun(struct fake *f, const char *set, const char *lun)
{
	char path[1024], link[1024], dev[256];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/luns/%s", set, lun);
	n = readlink(at(f, fmt("%s/device", path)), link, sizeof(link) - 1);
	if (n < 0)
		return -EINVAL;
	link[n] = '\0';
	snprintf(dev, sizeof(dev), "%s", strrchr(link, '/') + 1);
	unlink(at(f, fmt("devices/%s/exported/%s_%s", dev, strrchr(set, '/') + 1, lun)));
	remove_tree(at(f, path));
	return 0;
}

static const char *walk_dev;

static int drop_lun_of_device(const char *path, const struct stat *st, int type, struct FTW *w)
{
	char link[1024];
	ssize_t n;

	(void)st;
	(void)w;
	if (type != FTW_SL || strcmp(strrchr(path, '/'), "/device"))
		return 0;
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return 0;
	link[n] = '\0';
	if (!strcmp(strrchr(link, '/') + 1, walk_dev)) {
		char up[1024];

		snprintf(up, sizeof(up), "%s", path);
		*strrchr(up, '/') = '\0';
		remove_tree(up);
		return 1;
	}
	return 0;
}

static int del_device(struct fake *f, const char *h, const char *dev)
{
	if (!fake_has(f, fmt("devices/%s", dev)))
		return -EINVAL;
	walk_dev = dev;
	while (nftw(at(f, "targets"), drop_lun_of_device, 16, FTW_PHYS) == 1)
		;
	unlink(at(f, fmt("handlers/%s/%s", h, dev)));
	remove_tree(at(f, fmt("devices/%s", dev)));
	return 0;
}

static void set_params(struct fake *f, const char *dev, char *params)
{
	char *save = NULL, *p, *eq;

	for (p = strtok_r(params, ";", &save); p; p = strtok_r(NULL, ";", &save)) {
		eq = strchr(p, '=');
		if (!eq)
			abort();
		*eq = '\0';
		fake_file(f, fmt("devices/%s/%s", dev, p), fmt("%s\n[key]\n", eq + 1),
			  !strcmp(p, "t10_dev_id") || !strcmp(p, "filename") ? 0644 : 0444);
	}
}

static int add_device(struct fake *f, const char *h, const char *dev, char *params)
{
	if (fake_has(f, fmt("devices/%s", dev)))
		return -EEXIST;
	if (params && strstr(params, "/missing"))
		return -ENOENT;
	fake_dir(f, fmt("devices/%s", dev));
	fake_dir(f, fmt("devices/%s/exported", dev));
	fake_link(f, fmt("devices/%s/handler", dev), fmt("../../handlers/%s", h));
	fake_link(f, fmt("handlers/%s/%s", h, dev), fmt("../../devices/%s", dev));
	fake_file(f, fmt("devices/%s/read_only", dev), "0\n", 0444);
	fake_file(f, fmt("devices/%s/blocksize", dev), "512\n", 0444);
	fake_file(f, fmt("devices/%s/usn", dev), "1234\n", 0644);
	if (f->make_ids)
		fake_file(f, fmt("devices/%s/t10_dev_id", dev), "made-up\n", 0644);
	fake_file(f, fmt("devices/%s/size", dev), "1048576\n[key]\n", 0444);
	fake_file(f, fmt("devices/%s/resync_size", dev), "", 0200);
	if (params)
		set_params(f, dev, params);
	return add_lun(f, "targets/copy_manager/copy_manager_tgt", dev, fmt("%u", f->next_cm++),
		       NULL);
}

static int make_group(struct fake *f, const char *tgt, const char *name)
{
	const char *g = fmt("%s/ini_groups/%s", tgt, name);

	if (fake_has(f, g))
		return -EEXIST;
	fake_dir(f, g);
	make_set(f, g);
	fake_dir(f, fmt("%s/initiators", g));
	fake_file(f, fmt("%s/initiators/mgmt", g), "", 0644);
	fake_file(f, fmt("%s/cpu_mask", g), "3\n", 0644);
	return 0;
}

/* An account is known by its first word, a pattern has no other. */
static bool same_key(const char *a, const char *b)
{
	size_t n = strcspn(a, " \n");

	return n == strcspn(b, " \n") && !strncmp(a, b, n);
}

/* The next free numbered file of a repeatable attribute. Of OutgoingUser there is one, and a second takes its place. */
static int add_value(struct fake *f, const char *dirname, const char *attr, const char *value)
{
	char path[1024];
	unsigned int i;

	for (i = 0; i < 10; i++) {
		snprintf(path, sizeof(path), "%s/%s", dirname, attr);
		if (i)
			snprintf(path, sizeof(path), "%s/%s%u", dirname, attr, i);
		if (!fake_has(f, path) || !strcmp(attr, "OutgoingUser"))
			break;
		if (same_key(fake_read(f, path), value))
			return -EEXIST;
	}
	fake_file(f, path, fmt("%s\n[key]\n\n", value), 0644);
	return 0;
}

static int del_value(struct fake *f, const char *dirname, const char *attr, const char *value)
{
	const char *path, *text;
	unsigned int i;

	for (i = 0; i < 10; i++) {
		path = i ? fmt("%s/%s%u", dirname, attr, i) : fmt("%s/%s", dirname, attr);
		text = fake_has(f, path) ? fake_read(f, path) : NULL;
		if (!text || !same_key(text, value))
			continue;
		unlink(at(f, path));
		return 0;
	}
	return -ENOENT;
}

static int handler_cmd(struct fake *f, const char *h, char **w, unsigned int n)
{
	if (!strcmp(w[0], "add_device") && n >= 2)
		return add_device(f, h, w[1], n > 2 ? w[2] : NULL);
	if (!strcmp(w[0], "del_device") && n == 2)
		return del_device(f, h, w[1]);
	return -EINVAL;
}

static int driver_cmd(struct fake *f, const char *d, char **w, unsigned int n, const char *rest)
{
	const char *t = n > 1 ? fmt("targets/%s/%s", d, w[1]) : "";

	if (!strcmp(w[0], "add_target") && n >= 2) {
		if (fake_has(f, t))
			return -EEXIST;
		make_target(f, t);
		fake_file(f, fmt("%s/enabled", t), "0\n", 0644);
		return 0;
	}
	if (n < 2 || (strstr(w[0], "target") && !fake_has(f, t)))
		return -ENOENT;
	if (!strcmp(w[0], "del_target")) {
		remove_tree(at(f, t));
		return 0;
	}
	if (!strcmp(w[0], "add_target_attribute") && n >= 4)
		return add_value(f, t, w[2], strstr(rest, fmt(" %s", w[3])) + 1);
	if (!strcmp(w[0], "del_target_attribute") && n >= 4)
		return del_value(f, t, w[2], w[3]);
	if (!strcmp(w[0], "add_attribute") && n >= 3)
		return add_value(f, fmt("targets/%s", d), w[1], strstr(rest, fmt(" %s", w[2])) + 1);
	if (!strcmp(w[0], "del_attribute") && n >= 3)
		return del_value(f, fmt("targets/%s", d), w[1], w[2]);
	return -EINVAL;
}

static void clear_dir(struct fake *f, const char *path)
{
	char mgmt[1024];
	const char *text = fake_read(f, fmt("%s/mgmt", path));

	snprintf(mgmt, sizeof(mgmt), "%s", text ? text : "");
	remove_tree(at(f, path));
	fake_dir(f, path);
	fake_file(f, fmt("%s/mgmt", path), mgmt, 0644);
}

static int lun_cmd(struct fake *f, const char *set, char **w, unsigned int n)
{
	if (!strcmp(w[0], "add") && n >= 3)
		return add_lun(f, set, w[1], w[2], n > 3 ? w[3] : NULL);
	if (!strcmp(w[0], "replace") && n >= 3) {
		del_lun(f, set, w[2]);
		return add_lun(f, set, w[1], w[2], n > 3 ? w[3] : NULL);
	}
	if (!strcmp(w[0], "del") && n == 2)
		return del_lun(f, set, w[1]);
	if (strcmp(w[0], "clear"))
		return -EINVAL;
	clear_dir(f, fmt("%s/luns", set));
	return 0;
}

static int ini_cmd(struct fake *f, const char *grp, char **w, unsigned int n)
{
	const char *file = n > 1 ? fmt("%s/initiators/%s", grp, w[1]) : "";
	char up[1024];

	if (!strcmp(w[0], "clear")) {
		clear_dir(f, fmt("%s/initiators", grp));
		return 0;
	}
	if (!strcmp(w[0], "add") && n == 2) {
		fake_file(f, file, fmt("%s\n", w[1]), 0444);
		return 0;
	}
	if (!fake_has(f, file))
		return -EINVAL;
	unlink(at(f, file));
	if (!strcmp(w[0], "move") && n == 3) {
		snprintf(up, sizeof(up), "%s", grp);
		*strrchr(up, '/') = '\0';
		fake_file(f, fmt("%s/%s/initiators/%s", up, w[2], w[1]), fmt("%s\n", w[1]), 0444);
	}
	return 0;
}

static int group_cmd(struct fake *f, const char *tgt, char **w)
{
	const char *g = fmt("%s/ini_groups/%s", tgt, w[1]);

	if (!strcmp(w[0], "create"))
		return make_group(f, tgt, w[1]);
	if (!fake_has(f, g))
		return -EINVAL;
	remove_tree(at(f, g));
	return 0;
}

static bool in_some_group(struct fake *f, const char *dev)
{
	DIR *d = opendir(at(f, "device_groups"));
	struct dirent *e;
	bool is = false;

	while (d && (e = readdir(d)))
		is |= *e->d_name != '.' && fake_has(f, fmt("device_groups/%s/devices/%s", e->d_name, dev));
	closedir(d);
	return is;
}

static int alua_cmd(struct fake *f, const char *path, char **w)
{
	const char *o, *depth = path + strlen("device_groups");
	char up[1024];

	snprintf(up, sizeof(up), "%.*s", (int)(strlen(path) - 5), path);
	o = fmt("%s/%s", up, w[1]);
	if (!strcmp(w[0], "del")) {
		remove_tree(at(f, o));
		return 0;
	}
	if (fake_has(f, o) || (strstr(depth, "/devices/") && in_some_group(f, w[1])))
		return -EEXIST;
	if (strstr(depth, "/devices/")) {
		fake_link(f, o, fmt("../../../devices/%s", w[1]));
	} else if (strstr(depth, "/target_groups/mgmt")) {
		fake_dir(f, o);
		fake_file(f, fmt("%s/mgmt", o), "", 0644);
		fake_file(f, fmt("%s/group_id", o), "0\n[key]\n", 0644);
		fake_file(f, fmt("%s/state", o), "active\n[key]\n", 0644);
		fake_file(f, fmt("%s/preferred", o), "0\n", 0644);
	} else if (strstr(depth, "/target_groups/")) {
		if (fake_has(f, fmt("targets/iscsi/%s", w[1]))) {
			fake_link(f, o, fmt("../../../../targets/iscsi/%s", w[1]));
		} else {
			fake_dir(f, o);
			fake_file(f, fmt("%s/rel_tgt_id", o), "0\n[key]\n", 0644);
		}
	} else {
		fake_dir(f, o);
		fake_dir(f, fmt("%s/devices", o));
		fake_dir(f, fmt("%s/target_groups", o));
		fake_file(f, fmt("%s/devices/mgmt", o), "", 0644);
		fake_file(f, fmt("%s/target_groups/mgmt", o), "", 0644);
	}
	return 0;
}

static int set_attribute(struct fake *f, const char *path, const char *text)
{
	const char *name = strrchr(path, '/');
	char value[4096];

	name = name ? name + 1 : path;
	if (!fake_has(f, path))
		return -ENOENT;
	snprintf(value, sizeof(value), "%s", text);
	value[strcspn(value, "\n")] = '\0';
	if (!strcmp(name, "force_close")) {
		char up[1024];

		snprintf(up, sizeof(up), "%.*s", (int)(strlen(path) - strlen("/force_close")), path);
		remove_tree(at(f, up));
		return 0;
	}
	if (!strcmp(name, "resync_size"))
		return 0;
	if (!strncmp(path, "device_groups/", 14) && strstr(name, "_id") && !strcmp(value, "0"))
		return -EINVAL;
	fake_file(f, path, fmt(!strcmp(name, "enabled") ? "%s\n" : "%s\n[key]\n", value), 0644);
	return 0;
}

static bool ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n >= m && !strcmp(s + n - m, with);
}

static int dispatch(struct fake *f, const char *path, const char *text)
{
	char line[4096], up[1024], *w[8], *save = NULL, *p;
	const char *cut = NULL;
	unsigned int n = 0;

	if (!fake_has(f, path))
		return -ENOENT;
	if (!ends(path, "mgmt"))
		return set_attribute(f, path, text);
	snprintf(line, sizeof(line), "%s", text);
	for (p = strtok_r(line, " ", &save); p && n < 8; p = strtok_r(NULL, " ", &save))
		w[n++] = p;
	if (!n)
		return -EINVAL;
	if (!strncmp(path, "device_groups", 13))
		return n == 2 ? alua_cmd(f, path, w) : -EINVAL;
	if (ends(path, "/luns/mgmt"))
		cut = "/luns/mgmt";
	else if (ends(path, "/initiators/mgmt"))
		cut = "/initiators/mgmt";
	else if (ends(path, "/ini_groups/mgmt"))
		cut = "/ini_groups/mgmt";
	else
		cut = "/mgmt";
	snprintf(up, sizeof(up), "%.*s", (int)(strlen(path) - strlen(cut)), path);
	if (!strcmp(cut, "/luns/mgmt"))
		return lun_cmd(f, up, w, n);
	if (!strcmp(cut, "/initiators/mgmt"))
		return ini_cmd(f, up, w, n);
	if (!strcmp(cut, "/ini_groups/mgmt"))
		return group_cmd(f, up, w);
	if (!strncmp(up, "handlers/", 9))
		return handler_cmd(f, up + 9, w, n);
	return driver_cmd(f, up + 8, w, n, text);
}

static int store(struct adm *a, const char *path, const char *text, size_t len)
{
	struct fake *f = a->store_priv;
	const char *line = fmt("%s <- %.*s", path, (int)len, text);

	if (strlen(f->log) + strlen(line) + 3 < sizeof(f->log)) {
		strcat(f->log, line);
		strcat(f->log, len && text[len - 1] == '\n' ? "" : "|\n");
	}
	if (f->fail && strstr(line, f->fail))
		return -f->fail_errno;
	return dispatch(f, path, text);
}

/* ---- reads that fail ---- */

static const char *unreadable;
static int unreadable_errno;

static bool fails(const char *path)
{
	if (!unreadable || !ends(path, unreadable))
		return false;
	errno = unreadable_errno ? unreadable_errno : EIO;
	return true;
}

/* In place of libc's: what cannot be read is not a matter of modes, root may run this. */
ssize_t pread(int fd, void *to, size_t count, off_t offset)
{
	const char *name = fmt("/proc/self/fd/%d", fd);
	char path[PATH_MAX];
	ssize_t n = readlink(name, path, sizeof(path) - 1);

	path[n < 0 ? 0 : n] = '\0';
	if (fails(path))
		return -1;
	return syscall(SYS_pread64, fd, to, count, offset);
}

ssize_t readlinkat(int dir, const char *path, char *to, size_t size)
{
	if (fails(path))
		return -1;
	return syscall(SYS_readlinkat, dir, path, to, size);
}

/* ---- running the tool ---- */

static int split(char *words, char **argv)
{
	char *save = NULL, *p, *c;
	int n = 1;

	argv[0] = "scstadmin";
	for (p = strtok_r(words, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
		for (c = p; *c; c++)
			if (*c == '\x1f')
				*c = ' ';
		argv[n++] = strcmp(p, "''") ? p : p + 2;
	}
	argv[n] = NULL;
	return n;
}

int fake_run_in(struct fake *f, const char *words, const char *input)
{
	struct adm a = { .patience = 1, .lock_name = f->lock, .lock_patience = 1, .store = f->plain ? NULL : store, .store_priv = f };
	char *copy = strdup(words), *argv[64];
	int rc, argc = split(copy, argv);
	char root[128];

	unreadable = f->unreadable;
	unreadable_errno = f->unreadable_errno;
	snprintf(root, sizeof(root), "%s/tree", f->dir);
	a.root_name = root;
	free(f->out);
	free(f->err);
	a.out = open_memstream(&f->out, &f->out_len);
	a.err = open_memstream(&f->err, &f->err_len);
	a.in = *input ? fmemopen((void *)input, strlen(input), "r") : fopen("/dev/null", "r");
	rc = adm_main(&a, argc, argv);
	fclose(a.out);
	fclose(a.err);
	fclose(a.in);
	unreadable = NULL;
	free(copy);
	return rc;
}

int fake_run(struct fake *f, const char *words)
{
	return fake_run_in(f, words, "");
}

const char *fake_conf(struct fake *f, const char *text)
{
	const char *path = fmt("%s/scst.conf", f->dir);
	FILE *file = fopen(path, "w");

	if (!file)
		abort();
	fputs(text, file);
	fclose(file);
	return path;
}
