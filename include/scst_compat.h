/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spellings of Linux 6.12 on Linux 6.1; the only file that knows that kernels differ. Differences are found by probing
 * headers in Kbuild.probes (SCST_HAVE_*), never by version numbers. Each entry names the kernel that ends it.
 */
#ifndef SCST_COMPAT_H
#define SCST_COMPAT_H

#endif /* SCST_COMPAT_H */
