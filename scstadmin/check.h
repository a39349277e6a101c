/* SPDX-License-Identifier: GPL-2.0 */
/* What is wrong with a configuration beyond its grammar. */
#ifndef ADM_CHECK_H
#define ADM_CHECK_H

#include "conf.h"

/**
 * check_conf() - cross references of a parsed file, and what the running system says to it
 * @c: parsed; findings are added, entries that cannot be applied are marked as dropped
 * @have: the running configuration, NULL to check without one
 */
void check_conf(struct conf *c, const struct obj *have);

/* Parts of the above, shared by its files. */

/** check_order() - groups of @t that the running target @have has in another order, where that may show an initiator other LUNs */
void check_order(struct conf *c, const struct obj *t, const struct obj *have);

/** check_twins() - virtual disks that have too much in common */
void check_twins(struct conf *c);

/* check_value.c: what the kernel would refuse */
void check_device_values(struct conf *c, const struct obj *d);
void check_driver_values(struct conf *c, const struct obj *d);
void check_target_values(struct conf *c, const struct obj *t);
void check_tgrp_values(struct conf *c, const struct obj *tg);

/** param_is_on() - a flag of a device as the kernel takes it; @unset when it is not given */
bool param_is_on(const struct obj *d, const char *name, bool unset);

#endif
