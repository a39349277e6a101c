/* SPDX-License-Identifier: GPL-2.0 */
/* Carrying out a list of planned steps. */
#ifndef ADM_APPLY_H
#define ADM_APPLY_H

#include "adm.h"
#include "plan.h"

/**
 * struct applied - what came of it
 * @refused: single settings that failed, which the rest does not depend on
 * @stopped: a step was fatal, the rest was not tried
 */
struct applied {
	unsigned int changes, errors, refused;
	bool stopped;
};

/** apply_plan() - perform @plan in order, adding to @done */
void apply_plan(struct adm *a, const struct plan *plan, struct applied *done);

#endif
