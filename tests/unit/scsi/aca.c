// SPDX-License-Identifier: GPL-2.0
/*
 * Which commands an auto contingent allegiance lets pass (SAM-5 5.9).
 *
 * links: scst/pure/aca.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/pure/aca.h"

#define SIMPLE	SCSI_ATTR_SIMPLE
#define HEAD	SCSI_ATTR_HEAD_OF_QUEUE
#define ACA	SCSI_ATTR_ACA

static void who_passes(void **state)
{
	static const struct {
		struct scsi_aca a;
		enum scsi_status status;
	} cases[] = {
		/* none, or one of another task set */
		{ { .attr = SIMPLE }, SCSI_GOOD },
		{ { .attr = HEAD, .naca = true }, SCSI_GOOD },
		{ { .attr = ACA }, SCSI_CHECK_CONDITION },
		{ { .attr = ACA, .naca = true, .tmf_only = true }, SCSI_CHECK_CONDITION },
		/* the faulted nexus */
		{ { .faulted = true, .attr = ACA }, SCSI_GOOD },
		{ { .faulted = true, .attr = ACA, .naca = true }, SCSI_GOOD },
		{ { .faulted = true, .attr = ACA, .busy = true }, SCSI_ACA_ACTIVE },
		{ { .faulted = true, .attr = ACA, .tmf_only = true }, SCSI_ACA_ACTIVE },
		{ { .faulted = true, .attr = SIMPLE }, SCSI_ACA_ACTIVE },
		{ { .faulted = true, .attr = HEAD }, SCSI_ACA_ACTIVE },
		{ { .faulted = true, .attr = SIMPLE, .preempts = true }, SCSI_ACA_ACTIVE },
		/* another one of the same task set */
		{ { .other_faulted = true, .attr = SIMPLE }, SCSI_BUSY },
		{ { .other_faulted = true, .attr = HEAD }, SCSI_BUSY },
		{ { .other_faulted = true, .attr = ACA }, SCSI_BUSY },
		{ { .other_faulted = true, .attr = SIMPLE, .naca = true }, SCSI_ACA_ACTIVE },
		{ { .other_faulted = true, .attr = ACA, .naca = true }, SCSI_ACA_ACTIVE },
		{ { .other_faulted = true, .attr = SIMPLE, .preempts = true }, SCSI_GOOD },
		{ { .other_faulted = true, .attr = ACA, .preempts = true }, SCSI_BUSY },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsi_sense sense = { 0 };

		if (scsi_aca_judge(&cases[i].a, &sense) != cases[i].status)
			fail_msg("case %u is not judged so", i);
		assert_true((sense.code == SCSI_SENSE_INVALID_MESSAGE) == (cases[i].status == SCSI_CHECK_CONDITION));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
