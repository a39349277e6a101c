// SPDX-License-Identifier: GPL-2.0
/*
 * Which commands an auto contingent allegiance lets pass (SAM-5 5.9).
 */
#include "aca.h"
#include "sense.h"

/* The nexus that has to deal with it sends one command at a time, with the ACA attribute. */
static enum scsi_status judge_faulted(const struct scsi_aca *a)
{
	return a->attr == SCSI_ATTR_ACA && !a->tmf_only && !a->busy ? SCSI_GOOD : SCSI_ACA_ACTIVE;
}

/* The others of a shared task set; one of them may end it by preempting who is faulted. */
static enum scsi_status judge_other(const struct scsi_aca *a)
{
	if (a->preempts && a->attr != SCSI_ATTR_ACA)
		return SCSI_GOOD;
	return a->naca ? SCSI_ACA_ACTIVE : SCSI_BUSY;
}

enum scsi_status scsi_aca_judge(const struct scsi_aca *a, struct scsi_sense *sense)
{
	if (a->faulted)
		return judge_faulted(a);
	if (a->other_faulted)
		return judge_other(a);
	if (a->attr != SCSI_ATTR_ACA)
		return SCSI_GOOD;
	scsi_sense_set(sense, SCSI_SENSE_INVALID_MESSAGE);
	return SCSI_CHECK_CONDITION;
}
