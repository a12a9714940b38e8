"""Keeps libraries from sending what they see to their makers. Imported before any of them.

onnxruntime from 1.29 on writes events (a device id, errors, paths) into the home and sends them to Microsoft, unless
the environment says otherwise when it is loaded. Child processes inherit that.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
