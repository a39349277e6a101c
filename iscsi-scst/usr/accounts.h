/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CHAP accounts of a target or, for discovery sessions, of the driver.
 */
#ifndef SCSTD_ACCOUNTS_H
#define SCSTD_ACCOUNTS_H

#include "chap.h"

/**
 * accounts_read - how an initiator has to authenticate
 * @dir: directory of the target or of the driver
 *
 * The result is valid until accounts_wipe() or the next call.
 *
 * Return: the accounts, or NULL with errno set when they cannot be read: then nobody may log in.
 */
const struct iscsi_auth *accounts_read(int dir);

/**
 * accounts_wipe - forget all secrets
 */
void accounts_wipe(void);

#endif /* SCSTD_ACCOUNTS_H */
