// SPDX-License-Identifier: GPL-2.0
/* Texts for the ways an operation can fail. */
#include "result.h"

#include <stddef.h>

static const struct {
	int code;
	const char *text;
} texts[] = {
	{ RES_FAIL, "The operation failed" },
	{ RES_NO_HANDLER, "No such handler" },
	{ RES_NO_DEVICE, "No such device" },
	{ RES_DEVICE_EXISTS, "The device exists already" },
	{ RES_DEVICE_OPEN, "The device could not be opened" },
	{ RES_DEVICE_CLOSE, "The device could not be closed" },
	{ RES_NO_DRIVER, "No such driver" },
	{ RES_NO_DYNAMIC, "The driver cannot create targets or repeatable attributes" },
	{ RES_DRV_DYN_ADD, "The driver refused to add the attribute" },
	{ RES_DRV_DYN_REM, "The driver refused to remove the attribute" },
	{ RES_NO_TARGET, "No such target" },
	{ RES_TARGET_EXISTS, "The target exists already" },
	{ RES_TARGET_ADD, "The target could not be added" },
	{ RES_TARGET_REM, "The target could not be removed" },
	{ RES_TGT_DYN_ADD, "The target refused to add the attribute" },
	{ RES_TGT_DYN_REM, "The target refused to remove the attribute" },
	{ RES_TGT_NO_LUN, "No such LUN in the target" },
	{ RES_TGT_LUN_ADD, "The LUN could not be added to the target" },
	{ RES_TGT_LUN_EXISTS, "The LUN exists already in the target" },
	{ RES_TGT_CLEAR, "The LUNs of the target could not be removed" },
	{ RES_TGT_BUSY, "The target still has sessions" },
	{ RES_NO_GROUP, "No such group" },
	{ RES_GROUP_EXISTS, "The group exists already" },
	{ RES_GROUP_ADD, "The group could not be added" },
	{ RES_GROUP_REM, "The group could not be removed" },
	{ RES_GRP_NO_LUN, "No such LUN in the group" },
	{ RES_GRP_LUN_EXISTS, "The LUN exists already in the group" },
	{ RES_GRP_LUN_ADD, "The LUN could not be added to the group" },
	{ RES_GRP_LUN_REM, "The LUN could not be removed from the group" },
	{ RES_GRP_CLEAR, "The LUNs of the group could not be removed" },
	{ RES_NO_INIT, "No such initiator in the group" },
	{ RES_INIT_EXISTS, "The initiator exists already in the group" },
	{ RES_INIT_ADD, "The initiator could not be added" },
	{ RES_INIT_REM, "The initiator could not be removed" },
	{ RES_INIT_MOVE, "The initiator could not be moved" },
	{ RES_INIT_CLEAR, "The initiators could not be removed" },
	{ RES_LUN_SAME, "The LUN already shows this device" },
	{ RES_LUN_REPLACE, "The device of the LUN could not be replaced" },
	{ RES_NO_SESSION, "No such session" },
	{ RES_SESSION_CLOSE, "The session could not be closed" },
	{ RES_NO_DGRP, "No such device group" },
	{ RES_DGRP_EXISTS, "The device group exists already" },
	{ RES_DGRP_ADD, "The device group could not be added" },
	{ RES_DGRP_REM, "The device group could not be removed" },
	{ RES_DGDEV_ADD, "The device could not be added to the device group" },
	{ RES_DGDEV_REM, "The device could not be removed from the device group" },
	{ RES_NO_DGDEV, "No such device in the device group" },
	{ RES_DGDEV_EXISTS, "The device is already in the device group" },
	{ RES_TGRP_ADD, "The target group could not be added" },
	{ RES_TGRP_REM, "The target group could not be removed" },
	{ RES_NO_TGRP, "No such target group" },
	{ RES_TGRP_EXISTS, "The target group exists already" },
	{ RES_DGDEV_ELSEWHERE, "The device is in another device group" },
	{ RES_TGTGT_ADD, "The target could not be added to the target group" },
	{ RES_TGTGT_REM, "The target could not be removed from the target group" },
	{ RES_NO_TGTGT, "No such target in the target group" },
	{ RES_TGTGT_EXISTS, "The target is already in the target group" },
};

static const short attr_codes[OBJ_KINDS] = {
	[OBJ_ROOT] = 7, [OBJ_HANDLER] = 17, [OBJ_DEVICE] = 27, [OBJ_DRIVER] = 37,
	[OBJ_TARGET] = 50, [OBJ_GROUP] = 77, [OBJ_LUN] = 97, [OBJ_INITIATOR] = 100,
	[OBJ_ALUA] = 125, [OBJ_DGRP] = 140, [OBJ_DGDEV] = 140, [OBJ_TGRP] = 150,
	[OBJ_TGTGT] = 170,
};

int result_attr(enum obj_kind kind)
{
	return attr_codes[kind];
}

static const char *attr_text_of(int code)
{
	size_t k;

	for (k = 0; k < OBJ_KINDS; k++) {
		if (code == attr_codes[k])
			return "No such attribute";
		if (code == attr_codes[k] + 1)
			return "The attribute is read-only";
		if (code == attr_codes[k] + 2)
			return "The attribute's new value was refused";
	}
	return "The operation failed";
}

const char *result_text(int code)
{
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].code == code)
			return texts[i].text;
	return attr_text_of(code);
}
