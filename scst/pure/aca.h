/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which commands an auto contingent allegiance lets pass (SAM-5 5.9). Pure.
 */
#ifndef SCST_PURE_ACA_H
#define SCST_PURE_ACA_H

#include "scsi_defs.h"

/**
 * struct scsi_aca - what decides
 * @faulted: the nexus of the command is the faulted one
 * @other_faulted: another nexus of the same task set (TST 0) is
 * @busy: a command with the ACA attribute is in the task set
 * @tmf_only: TMF_ONLY of the Control mode page: only task management ends the condition
 * @naca: NACA of the command
 * @preempts: it is PERSISTENT RESERVE OUT with PREEMPT AND ABORT
 * @attr: its enum scsi_task_attr
 */
struct scsi_aca {
	bool faulted;
	bool other_faulted;
	bool busy;
	bool tmf_only;
	bool naca;
	bool preempts;
	u8 attr;
};

/**
 * scsi_aca_judge() - may a command that has just come enter the task set?
 * @a: what decides
 * @sense: filled with SCSI_CHECK_CONDITION
 *
 * Return: SCSI_GOOD: it may; SCSI_ACA_ACTIVE, SCSI_BUSY, or SCSI_CHECK_CONDITION with @sense filled.
 */
enum scsi_status scsi_aca_judge(const struct scsi_aca *a, struct scsi_sense *sense);

#endif /* SCST_PURE_ACA_H */
