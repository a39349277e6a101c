/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What CHAP needs from outside: digests of libcrypto, random bytes of the kernel.
 */
#ifndef SCSTD_DIGEST_H
#define SCSTD_DIGEST_H

#include "chap.h"

/**
 * digest_init - load the digests and choose the key of this daemon, before the sandbox closes and children are forked
 *
 * Digests that libcrypto does not offer (a FIPS build has no MD5) are left out of the choice.
 *
 * Return: NULL, or what failed.
 */
const char *digest_init(void);

/**
 * digest_env - what one login needs
 * @env: filled in, with new random bytes
 *
 * Return: 0 or -errno.
 */
int digest_env(struct iscsi_chap_env *env);

#endif /* SCSTD_DIGEST_H */
