# SPDX-License-Identifier: GPL-2.0
"""SCSI commands through the SG_IO of a disk, without a process for each of them."""
import ctypes
import fcntl
import os
import struct

SG_IO = 0x2285
DXFER_NONE, DXFER_TO_DEV, DXFER_FROM_DEV = -1, -2, -3
# struct sg_io_hdr of <scsi/sg.h> on a 64-bit machine
HEADER = struct.Struct('=iiBBHIQQQIIi4xQBBBBHHiII4x')


class Disk:
    """An open disk or sg node."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR)

    def command(self, cdb, data_out=None, data_in=0, timeout_ms=60000):
        """Returns (SCSI status, what came back, sense data); raises OSError when the host itself gave up."""
        assert not (data_out and data_in)
        length = len(data_out) if data_out else data_in
        buffer = ctypes.create_string_buffer(bytes(data_out) if data_out else b'', length or 1)
        sense = ctypes.create_string_buffer(252)
        command = ctypes.create_string_buffer(bytes(cdb), len(cdb))
        direction = DXFER_TO_DEV if data_out else DXFER_FROM_DEV if data_in else DXFER_NONE
        header = bytearray(HEADER.pack(
            ord('S'), direction, len(cdb), 252, 0, length, ctypes.addressof(buffer), ctypes.addressof(command),
            ctypes.addressof(sense), timeout_ms, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        fcntl.ioctl(self.fd, SG_IO, header, True)
        (*_, status, _masked, _msg, sense_length, host, _driver, residual, _ms, _info) = HEADER.unpack(header)
        if host:
            raise OSError(f'host status {host:#x}')
        return status, buffer.raw[:length - residual], sense.raw[:sense_length]
