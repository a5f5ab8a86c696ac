#!/usr/bin/env python3
"""Writes the bags that the tests read, with librealsense's own recorder and a device made of software.

    python3 -m venv venv && venv/bin/pip install "numpy<2" lz4 "pyrealsense2==2.55.1.6486"
    venv/bin/python scripts/record_bags.py tests/golden

(pyrealsense2 needs libusb-1.0-0; later versions than this write another format, .db3.)

    recorded.bag    compressed (lz4), as recorded
    plain.bag       the same, not compressed
    unclosed.bag    plain, the recorder killed before it wrote the index
    older.bag       tiny, written here byte by byte: three chunks (none, lz4, none), images without the 4
                    bytes that librealsense appends since 2.49

What the frames hold is in tests/recording/golden_bags.h. With a second folder, a seed for fuzzing the
reader of bags is written there: one frame of each stream.
"""
import gc
import math
import os
import pathlib
import signal
import struct
import sys
import time

FRAMES = 3
DEPTH, COLOR = (20, 14), (24, 18)  # width, height
UNIT = 0.000124987
START = 1700000000.0  # seconds; the camera's clock


def depth_pixels(n, width, height):
    return [0 if i % 7 == 0 else 3000 + 256 * n + i for i in range(width * height)]


def color_values(n, width, height):
    return [(n * 40 + i * 3) % 256 for i in range(width * height * 3)]


def intrinsics(rs, size, focal, centre, model, coefficients):
    made = rs.intrinsics()
    made.width, made.height = size
    made.fx, made.fy = focal
    made.ppx, made.ppy = centre
    made.model, made.coeffs = model, coefficients
    return made


def stream(rs, kind, uid, size, bpp, pixel_format, lens):
    made = rs.video_stream()
    made.type, made.index, made.uid = kind, 0, uid
    made.width, made.height = size
    made.fps, made.bpp, made.fmt, made.intrinsics = 48, bpp, pixel_format, lens
    return made


def send(rs, sensor, profile, pixels, bpp, width, seconds, number):
    frame = rs.software_video_frame()
    frame.pixels, frame.bpp, frame.stride = pixels, bpp, bpp * width
    frame.timestamp, frame.domain = 1000 * seconds, rs.timestamp_domain.hardware_clock
    frame.frame_number, frame.profile = number, profile.as_video_stream_profile()
    if bpp == 2:
        frame.depth_units = UNIT
    sensor.on_video_frame(frame)


def record(path, compressed, killed=False):
    import numpy
    import pyrealsense2 as rs
    device = rs.software_device()
    depth, color = device.add_sensor("Depth"), device.add_sensor("Color")
    depth_lens = intrinsics(rs, DEPTH, (15.25, 15.5), (9.75, 7.125),
                            rs.distortion.inverse_brown_conrady, [.1, .2, .003, .002, -.1])
    color_lens = intrinsics(rs, COLOR, (20, 20), (12, 9), rs.distortion.none, [0] * 5)
    depth_profile = depth.add_video_stream(
        stream(rs, rs.stream.depth, 10, DEPTH, 2, rs.format.z16, depth_lens))
    color_profile = color.add_video_stream(
        stream(rs, rs.stream.color, 11, COLOR, 3, rs.format.rgb8, color_lens))
    depth.add_read_only_option(rs.option.depth_units, UNIT)
    place = rs.extrinsics()
    c, s = math.cos(.3), math.sin(.3)
    place.rotation = [c, 0, -s, 0, 1, 0, s, 0, c]  # columns: .3 about y
    place.translation = [.0257, .00122, .0039]
    depth_profile.register_extrinsics_to(color_profile, place)
    recorder = rs.recorder(str(path), device, compressed)
    sensors = recorder.query_sensors()
    for sensor in sensors:
        sensor.open(sensor.get_stream_profiles())
        sensor.start(lambda frame: None)
    for n in range(FRAMES):
        pixels = numpy.array(depth_pixels(n, *DEPTH), numpy.uint16).reshape(DEPTH[::-1])
        send(rs, depth, depth_profile, pixels, 2, DEPTH[0], START + n / 50, n)
        pixels = numpy.array(color_values(n, *COLOR), numpy.uint8).reshape(COLOR[::-1] + (3,))
        send(rs, color, color_profile, pixels, 3, COLOR[0], START + n / 50 + .006, n)
        time.sleep(.05)
    time.sleep(.2)
    if killed:
        os.kill(os.getpid(), signal.SIGKILL)
    for sensor in sensors:
        sensor.stop()
        sensor.close()
    del recorder, sensors, sensor, depth, color, device, depth_profile, color_profile
    gc.collect()


def in_child(*arguments):
    """The recorder closes its file when the process lets go of everything: one process a bag."""
    child = os.fork()
    if child == 0:
        record(*arguments)
        sys.stdout.flush()
        sys.exit(0)
    os.waitpid(child, 0)


# ---- a bag byte by byte ----

def fields(**values):
    return b"".join(struct.pack("<I", len(k) + 1 + len(v)) + k.encode() + b"=" + v
                    for k, v in sorted(values.items()))


def record_bytes(header, data):
    return struct.pack("<I", len(header)) + header + struct.pack("<I", len(data)) + data


def text(value):
    return struct.pack("<I", len(value)) + value.encode()


def stamp(seconds):
    return struct.pack("<II", int(seconds), round((seconds - int(seconds)) * 1e9))


def image(n, seconds, size, encoding, bpp, pixels):
    return (struct.pack("<I", n) + stamp(seconds) + text("0") + struct.pack("<II", size[1], size[0]) +
            text(encoding) + b"\0" + struct.pack("<II", bpp * size[0], len(pixels)) + pixels)


def camera_info(size, model, coefficients, fx, fy, cx, cy):
    return (struct.pack("<I", 0) + stamp(0) + text("0") + struct.pack("<II", size[1], size[0]) + text(model) +
            struct.pack("<I5d", 5, *coefficients) + struct.pack("<9d", fx, 0, cx, 0, fy, cy, 0, 0, 1) +
            struct.pack("<9d", *[0] * 9) + struct.pack("<12d", *[0] * 12) + struct.pack("<6I", *[0] * 6) + b"\0")


def older(path, frames=FRAMES, padding=4096):
    import lz4.frame
    depth, color = (8, 6), (6, 5)
    d, c = "/device_0/sensor_0/Depth_0/", "/device_0/sensor_1/Color_0/"
    half = math.sin(.15), math.cos(.15)
    messages = [
        ("/file_version", "std_msgs/UInt32", 0, struct.pack("<I", 2)),
        (d + "info/camera_info", "sensor_msgs/CameraInfo", 0,
         camera_info(depth, "Inverse Brown Conrady", [.1, .2, .003, .002, -.1], 6, 6, 3.5, 2.5)),
        (c + "info/camera_info", "sensor_msgs/CameraInfo", 0,
         camera_info(color, "None", [0] * 5, 5, 5, 2.5, 2)),
        ("/device_0/sensor_0/option/Depth_Units/value", "std_msgs/Float32", 0, struct.pack("<f", .000125)),
        (d + "tf/0", "geometry_msgs/Transform", 0, struct.pack("<7d", 0, 0, 0, 0, 0, 0, 1)),
        (c + "tf/0", "geometry_msgs/Transform", 0,
         struct.pack("<7d", .0257, .00122, .0039, 0, half[0], 0, half[1])),
    ]
    for n in range(frames):
        t = START + n / 50
        pixels = struct.pack("<48H", *depth_pixels(n, *depth))
        messages.append((d + "image/data", "sensor_msgs/Image", t, image(n, t, depth, "mono16", 2, pixels)))
        t += .006
        pixels = bytes(color_values(n, *color))
        messages.append((c + "image/data", "sensor_msgs/Image", t, image(n, t, color, "rgb8", 3, pixels)))
    parts = [messages[:6], messages[6:]] if frames == 1 else [messages[:8], messages[8:10], messages[10:]]
    write_bag(path, parts, ["none", "lz4", "none"], lz4.frame.compress, padding)


def write_bag(path, chunks, compressions, compress, padding):
    connections, body, infos = {}, b"", b""
    start = 13 + padding + 4 + 4  # after the bag's header, padded to 4096 bytes as rosbag does
    for messages, compression in zip(chunks, compressions):
        content, index = b"", {}
        for topic, kind, seconds, data in messages:
            if topic not in connections:
                number = struct.pack("<I", len(connections))
                description = fields(topic=topic.encode(), type=kind.encode(), md5sum=b"0" * 32,
                                     message_definition=b"")
                connections[topic] = (number, record_bytes(
                    fields(op=b"\x07", conn=number, topic=topic.encode()), description))
                content += connections[topic][1]
            number = connections[topic][0]
            index.setdefault(number, []).append(stamp(seconds) + struct.pack("<I", len(content)))
            content += record_bytes(fields(op=b"\x02", conn=number, time=stamp(seconds)), data)
        place = start + len(body)
        stored = compress(content) if compression == "lz4" else content
        body += record_bytes(fields(op=b"\x05", compression=compression.encode(),
                                    size=struct.pack("<I", len(content))), stored)
        for number, entries in index.items():
            body += record_bytes(fields(op=b"\x04", ver=struct.pack("<I", 1), conn=number,
                                        count=struct.pack("<I", len(entries))), b"".join(entries))
        counts = b"".join(k + struct.pack("<I", len(v)) for k, v in index.items())
        infos += record_bytes(fields(op=b"\x06", ver=struct.pack("<I", 1), chunk_pos=struct.pack("<Q", place),
                                     start_time=stamp(messages[0][2]), end_time=stamp(messages[-1][2]),
                                     count=struct.pack("<I", len(index))), counts)
    header = fields(op=b"\x03", index_pos=struct.pack("<Q", start + len(body)),
                    conn_count=struct.pack("<I", len(connections)), chunk_count=struct.pack("<I", len(chunks)))
    path.write_bytes(b"#ROSBAG V2.0\n" + record_bytes(header, b" " * (padding - len(header))) + body +
                     b"".join(record for _, record in connections.values()) + infos)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    in_child(folder / "recorded.bag", True)
    in_child(folder / "plain.bag", False)
    in_child(folder / "unclosed.bag", False, True)
    older(folder / "older.bag")
    if len(sys.argv) == 3:
        older(pathlib.Path(sys.argv[2]) / "one-frame.bag", 1, 100)


main()
