// SPDX-License-Identifier: GPL-2.0
/*
 * Small files that survive a loss of power between any two writes: the new content is complete on the disk under another name
 * before it takes the place of the old one; on a block device, in its second half before it is written over the first.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "scst_priv.h"

static const u8 zero[SCST_FILE_HEAD_MAX];

/* ---- what a path means */

/* The directory that @path is in, or would be once others have been made. */
static int nearest_dir(const char *path, struct path *dir)
{
	char *name = kstrdup(path, GFP_KERNEL), *slash;
	int ret = -ENOENT;

	if (!name)
		return -ENOMEM;
	while (ret == -ENOENT && (slash = strrchr(name, '/'))) {
		*slash = '\0';
		ret = kern_path(*name ? name : "/", LOOKUP_FOLLOW, dir);
	}
	kfree(name);
	return ret;
}

/* In the file system of device nodes, which is memory, a name stands for a block device, also while that is not there. */
static int check_no_node(const char *path)
{
	struct path dir;
	int ret = nearest_dir(path, &dir);

	if (ret)
		return ret;
	if (!strcmp(dir.dentry->d_sb->s_type->name, "devtmpfs"))
		ret = -ENXIO;
	path_put(&dir);
	return ret;
}

/* 1; 0: a regular file is or may be there; -ENXIO: neither, only a block device can be there. */
static int is_block_device(const char *path)
{
	struct path p;
	bool is;
	int ret = kern_path(path, LOOKUP_FOLLOW, &p);

	if (ret && ret != -ENOENT)
		return ret;
	if (!ret) {
		is = S_ISBLK(d_inode(p.dentry)->i_mode);
		path_put(&p);
		if (is)
			return 1;
	}
	return check_no_node(path);
}

/* ---- reading */

static bool is_device(const struct file *file)
{
	return S_ISBLK(file_inode(file)->i_mode);
}

/* Where the second half of a block device begins. */
static loff_t half_of(const struct file *file)
{
	return round_down(i_size_read(file->f_mapping->host) / 2, 4096);
}

static int read_all(struct file *file, void *data, u32 len, loff_t pos)
{
	void *end = data + len;
	ssize_t n;

	while (data < end) {
		n = kernel_read(file, data, end - data, &pos);
		if (n < 0)
			return n;
		if (!n)
			return -EIO;
		data += n;
	}
	return 0;
}

#define COPY_ENDING	".1"
#define COPY_ENDING_LEN	(sizeof(COPY_ENDING) - 1)

static char *copy_name(const char *path)
{
	return kasprintf(GFP_KERNEL, "%s" COPY_ENDING, path);
}

static struct file *open_to_read(const char *path)
{
	return filp_open(path, O_RDONLY | O_LARGEFILE | O_NONBLOCK, 0);
}

static struct file *open_copy(const char *path)
{
	struct file *file = open_to_read(path);
	char *copy;

	if (!IS_ERR(file) && is_device(file))
		return file;
	if (!IS_ERR(file))
		filp_close(file, NULL);
	copy = copy_name(path);
	file = copy ? open_to_read(copy) : ERR_PTR(-ENOMEM);
	kfree(copy);
	return file;
}

static int read_file(struct file *file, loff_t pos, loff_t size, void **data, u32 *len)
{
	void *buf = kvmalloc(max_t(loff_t, size, 1), GFP_KERNEL);
	int ret;

	if (!buf)
		return -ENOMEM;
	ret = read_all(file, buf, size, pos);
	if (ret) {
		kvfree(buf);
		return ret;
	}
	*data = buf;
	*len = size;
	return 0;
}

int scst_file_load(const char *path, bool copy, u32 max, void **data, u32 *len)
{
	struct file *file = copy ? open_copy(path) : open_to_read(path);
	loff_t size, pos = 0;
	int ret;

	if (IS_ERR(file)) {
		ret = PTR_ERR(file) == -ENOENT ? check_no_node(path) : 0;
		return ret ? ret : PTR_ERR(file);
	}
	if (!is_device(file) && !S_ISREG(file_inode(file)->i_mode)) {
		filp_close(file, NULL);
		return -EINVAL;
	}
	size = i_size_read(file->f_mapping->host);
	if (is_device(file)) {
		/* It is larger than what stands on it. */
		size = min_t(loff_t, half_of(file), max);
		pos = copy ? half_of(file) : 0;
	}
	ret = size > max ? -EFBIG : read_file(file, pos, size, data, len);
	filp_close(file, NULL);
	return ret;
}
EXPORT_SYMBOL_GPL(scst_file_load);

/* ---- writing */

static int write_at(struct file *file, const void *data, u32 len, loff_t pos)
{
	const void *end = data + len;
	ssize_t n;

	while (data < end) {
		n = kernel_write(file, data, end - data, &pos);
		if (n < 0)
			return n;
		if (!n)
			return -ENOSPC;
		data += n;
	}
	return 0;
}

/* What is not whole never begins with its first @head bytes. */
static int write_content(struct file *file, const void *data, u32 len, u32 head, loff_t pos)
{
	int ret;

	if (WARN_ON_ONCE(head > sizeof(zero) || head > len))
		return -EINVAL;
	ret = write_at(file, zero, head, pos);
	if (!ret)
		ret = vfs_fsync(file, 0);
	if (!ret)
		ret = write_at(file, data + head, len - head, pos + head);
	/* On a block device something older may follow. */
	if (!ret && is_device(file))
		ret = write_at(file, zero, sizeof(zero), pos + len);
	if (!ret)
		ret = vfs_fsync(file, 0);
	if (!ret)
		ret = write_at(file, data, head, pos);
	return ret ? ret : vfs_fsync(file, 0);
}

static struct file *open_to_write(const char *path, int flags)
{
	return filp_open(path, O_WRONLY | O_LARGEFILE | O_NONBLOCK | flags, 0600);
}

/* The @copy first, unless it has just been read: at any time one of both is whole. */
static int write_device(const char *path, bool copy, const void *data, u32 len, u32 head)
{
	struct file *file = open_to_write(path, 0);
	int ret = -ENOSPC;

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (len + sizeof(zero) <= half_of(file))
		ret = copy ? write_content(file, data, len, head, half_of(file)) : 0;
	if (!ret)
		ret = write_content(file, data, len, head, 0);
	filp_close(file, NULL);
	return ret;
}

/* ---- names in the directory of a path */

static const char *base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static struct file *open_dir(const char *path)
{
	size_t len = base_name(path) - path;
	char *dir = kstrndup(path, len, GFP_KERNEL);
	struct file *file;

	if (!dir)
		return ERR_PTR(-ENOMEM);
	file = filp_open(dir, O_RDONLY | O_DIRECTORY, 0);
	kfree(dir);
	return file;
}

/* The directory is locked. */
static int rename_locked(const struct path *dir, const char *from, const char *to)
{
	struct dentry *old, *new;
	int ret = -ENOENT;

	old = lookup_one_len(from, dir->dentry, strlen(from));
	if (IS_ERR(old))
		return PTR_ERR(old);
	new = lookup_one_len(to, dir->dentry, strlen(to));
	if (IS_ERR(new)) {
		ret = PTR_ERR(new);
		goto out_old;
	}
	if (d_is_positive(old))
		ret = scst_rename(dir, old, new);
	dput(new);
out_old:
	dput(old);
	return ret;
}

static int unlink_locked(const struct path *dir, const char *name)
{
	struct dentry *dentry = lookup_one_len(name, dir->dentry, strlen(name));
	int ret = -ENOENT;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (d_is_positive(dentry))
		ret = scst_unlink(dir, dentry);
	dput(dentry);
	return ret;
}

/* Renames @from to the last part of @path, in its directory, for good; without @from removes it. */
static int change_dir(const char *path, const char *from)
{
	struct file *file = open_dir(path);
	struct dentry *dir;
	int ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	dir = file->f_path.dentry;
	ret = mnt_want_write(file->f_path.mnt);
	if (ret)
		goto out_file;
	inode_lock_nested(d_inode(dir), I_MUTEX_PARENT);
	ret = from ? rename_locked(&file->f_path, from, base_name(path)) : unlink_locked(&file->f_path, base_name(path));
	inode_unlock(d_inode(dir));
	mnt_drop_write(file->f_path.mnt);
	if (!ret)
		ret = vfs_fsync(file, 0);
out_file:
	filp_close(file, NULL);
	return ret;
}

/* ---- the whole */

static int save_file(const char *path, const char *copy, const void *data, u32 len, u32 head)
{
	struct file *file = open_to_write(copy, O_CREAT | O_TRUNC | O_NOFOLLOW);
	int ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = write_content(file, data, len, head, 0);
	filp_close(file, NULL);
	if (!ret)
		ret = change_dir(path, base_name(copy));
	/* Where there is no file yet the copy would count. */
	if (ret)
		change_dir(copy, NULL);
	return ret;
}

static int save(const char *path, const void *data, u32 len, u32 head)
{
	int ret = is_block_device(path);
	char *copy;

	if (ret)
		return ret < 0 ? ret : write_device(path, true, data, len, head);
	copy = copy_name(path);
	if (!copy)
		return -ENOMEM;
	ret = save_file(path, copy, data, len, head);
	kfree(copy);
	return ret;
}

int scst_file_save(const char *path, const void *data, u32 len, u32 head)
{
	unsigned int noio = memalloc_noio_save();
	int ret = save(path, data, len, head);

	memalloc_noio_restore(noio);
	return ret;
}
EXPORT_SYMBOL_GPL(scst_file_save);

int scst_file_restore(const char *path, const void *data, u32 len, u32 head)
{
	int ret = is_block_device(path);
	char *copy;

	if (ret)
		return ret < 0 ? ret : write_device(path, false, data, len, head);
	copy = copy_name(path);
	if (!copy)
		return -ENOMEM;
	ret = change_dir(path, base_name(copy));
	kfree(copy);
	return ret;
}

static int clear_at(struct file *file, loff_t pos)
{
	int ret = write_at(file, zero, sizeof(zero), pos);

	return ret ? ret : vfs_fsync(file, 0);
}

static int clear_device(const char *path)
{
	struct file *file = open_to_write(path, 0);
	int ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = clear_at(file, half_of(file));
	if (!ret)
		ret = clear_at(file, 0);
	filp_close(file, NULL);
	return ret;
}

static int remove_one(const char *path)
{
	struct path p;
	int ret;

	/* Asked first: a file system that is read-only says that it is also of what is not there. */
	ret = kern_path(path, 0, &p);
	if (!ret) {
		path_put(&p);
		ret = change_dir(path, NULL);
	}
	return ret == -ENOENT ? 0 : ret;
}

/* The copy first: alone it would count. */
static int remove_both(const char *path)
{
	char *copy = copy_name(path);
	int ret;

	if (!copy)
		return -ENOMEM;
	ret = remove_one(copy);
	kfree(copy);
	return ret ? ret : remove_one(path);
}

int scst_file_remove(const char *path)
{
	unsigned int noio = memalloc_noio_save();
	int ret = is_block_device(path);

	if (ret >= 0)
		ret = ret ? clear_device(path) : remove_both(path);
	memalloc_noio_restore(noio);
	return ret;
}
EXPORT_SYMBOL_GPL(scst_file_remove);

static int check_dir(const char *path)
{
	struct file *file = open_dir(path);

	if (IS_ERR(file))
		return PTR_ERR(file);
	filp_close(file, NULL);
	return check_no_node(path);
}

int scst_file_check(const char *path)
{
	struct path p;
	umode_t mode;
	int ret;

	if (path[0] != '/' || !*base_name(path))
		return -EINVAL;
	if (strlen(base_name(path)) > NAME_MAX - COPY_ENDING_LEN || strlen(path) >= PATH_MAX - COPY_ENDING_LEN)
		return -ENAMETOOLONG;
	ret = kern_path(path, LOOKUP_FOLLOW, &p);
	if (ret)
		return ret == -ENOENT ? check_dir(path) : ret;
	mode = d_inode(p.dentry)->i_mode;
	path_put(&p);
	if (S_ISREG(mode))
		return check_no_node(path);
	return S_ISBLK(mode) ? 0 : -EINVAL;
}
