/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which hosts may know of a target: /etc/initiators.deny and /etc/initiators.allow.
 */
#ifndef SCSTD_HOSTS_H
#define SCSTD_HOSTS_H

#include "addr.h"

#define HOSTS_DEFAULT_DIR	"/etc"
#define HOSTS_DENY		"initiators.deny"
#define HOSTS_ALLOW		"initiators.allow"

/**
 * hosts_admit - do the two files let this host in
 * @dir: where they are
 * @target: stored name of the target
 * @peer: the host
 *
 * A host that initiators.deny names for the target is kept out, unless initiators.allow names it too. In each file the first
 * line for the target, or for ALL, is the one that counts. What cannot be understood in initiators.deny denies, what cannot be
 * understood in initiators.allow allows nothing; so does a file that is there and cannot be read. May sleep.
 */
bool hosts_admit(const char *dir, const char *target, const union addr *peer);

/**
 * hosts_within_reach - may this process open the two files, as far as they are there
 * @dir: where they are
 *
 * A process in its sandbox loses sight of a file that is replaced. It has no say then, not even that nobody is let in.
 */
bool hosts_within_reach(const char *dir);

#endif /* SCSTD_HOSTS_H */
