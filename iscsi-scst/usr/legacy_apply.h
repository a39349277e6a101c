/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Brings what the older configuration file says into the tree.
 */
#ifndef SCSTD_LEGACY_APPLY_H
#define SCSTD_LEGACY_APPLY_H

/**
 * legacy_apply - read the file and add what is not there yet
 * @path: the file; one that does not exist is no error
 * @root: of the tree
 *
 * Needs the right to write to the tree. Errors are logged with file, line and column, and leave out what they are about.
 */
void legacy_apply(const char *path, const char *root);

#endif /* SCSTD_LEGACY_APPLY_H */
