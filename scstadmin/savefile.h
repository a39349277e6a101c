/* SPDX-License-Identifier: GPL-2.0 */
/* Replacing a file so that at any moment either the old or the new text is there. */
#ifndef ADM_SAVEFILE_H
#define ADM_SAVEFILE_H

#include <stddef.h>

#include "util.h"

/** save_file() - @text becomes the content of @path, mode 0600; 0 or -errno */
int save_file(struct pool *p, const char *path, const char *text, size_t len);

/** load_replaced() - load_file() of what save_file() would replace: -ENOENT when that is no regular file */
int load_replaced(struct pool *p, const char *path, size_t max, char **text, size_t *len);

/** load_file() - the content of @path, at most @max bytes; 0 or -errno (-EFBIG: more) */
int load_file(struct pool *p, const char *path, size_t max, char **text, size_t *len);

#endif
