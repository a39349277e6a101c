/* SPDX-License-Identifier: GPL-2.0 */
/* Reading the sysfs tree below a directory handle; nothing here writes. */
#ifndef ADM_TREE_H
#define ADM_TREE_H

#include "model.h"

/**
 * struct tree - a place to read from
 * @root: handle of the directory that holds version, devices/, targets/ and so on
 * @pool: owner of all results
 * @err: first error, NULL when all went well
 * @below_top: what is missing now was listed a moment ago: it has gone, which is no error
 */
struct tree {
	int root;
	struct pool *pool;
	char *err;
	bool below_top;
};

/** tree_read() - everything, sorted, but what goes meanwhile; NULL and @t->err when a directory cannot be read */
struct obj *tree_read(struct tree *t);

/** tree_attrs() - the attributes found in directory @path into @o, whose kind decides the rules */
bool tree_attrs(struct tree *t, const char *path, struct obj *o);

/** tree_names() - entries of a directory without mgmt, sorted; false if it cannot be read */
bool tree_names(struct tree *t, const char *path, struct strs *out);

/** tree_params() - the comma list behind @head in a mgmt file; empty when there is none */
void tree_params(struct tree *t, const char *mgmt, const char *head, struct strs *out);

/** tree_driver_lists() - fill the parameter and dynamic lists of a driver */
void tree_driver_lists(struct tree *t, struct obj *driver);

/** tree_file() - first bytes of a file, at most a page; NULL if unreadable */
char *tree_file(struct tree *t, const char *path);

/** tree_link() - last component of a symbolic link, or NULL */
char *tree_link(struct tree *t, const char *path);

bool tree_is_dir(struct tree *t, const char *path);
bool tree_exists(struct tree *t, const char *path);
bool tree_is_writable(struct tree *t, const char *path);

/** struct export - one place where a device is a LUN; @group NULL for the default set */
struct export {
	char *driver, *target, *group, *lun;
};

/** tree_exports() - where @dev is exported, the copy manager not counted */
size_t tree_exports(struct tree *t, const char *dev, struct export **out);

#define PARAM_HEAD "The following parameters available:"
#define DRV_DYN_HEAD "The following target driver attributes available:"
#define TGT_DYN_HEAD "The following target attributes available:"

#endif
