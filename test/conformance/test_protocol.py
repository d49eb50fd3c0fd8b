"""jupyter_kernel_test against the installed kernelspec: every test that a TypeScript kernel can meet.

Run by `npm test conformance`. By hand, with any Python that has jupyter_kernel_test:
    RINGLAB_KERNEL=ringlab $RINGLAB_PYTHON -m pytest test/conformance/test_protocol.py
"""
import os
import unittest

import jupyter_kernel_test


class RinglabTests(jupyter_kernel_test.KernelTests):
    kernel_name = os.environ.get("RINGLAB_KERNEL", "ringlab")
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("to stderr")'

    completion_samples = [
        {"text": "Math.ab", "matches": {"abs"}},
        {"text": "JSON.str", "matches": {"stringify"}},
        {"text": "consol"},
        {"text": "%acto", "matches": {"%actors"}},
    ]

    complete_code_samples = [
        "1",
        'console.log("hello, world")',
        "function f(x: number) { return x * 2 }",
        "const a = [1,\n2]",
        "await Promise.resolve(1)",
        "%lsmagic",
        "",
    ]
    incomplete_code_samples = [
        'console.log("hello, world"',
        "function f(x: number) {",
        "const a = [1,",
        "const text = `one",
        "if (true) {",
        "/* a comment",
    ]
    invalid_code_samples = ["import = 7", "const 1 = 2", "function f( { ) }", "let x = )"]

    code_page_something = "?Math"
    code_generate_error = 'throw new Error("on purpose")'

    code_execute_result = [
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": "[n => n * 2].length", "result": "1"},
        {"code": '"text".toUpperCase()', "result": "'TEXT'"},
        {"code": "({ a: 1, b: [1, 2] })", "result": "{ a: 1, b: [ 1, 2 ] }"},
        {"code": "await Promise.resolve(42)", "result": "42"},
        {"code": "10n ** 20n", "result": "100000000000000000000n"},
    ]
    code_display_data = [
        {"code": 'lab.display.html("<b>bold</b>")', "mime": "text/html"},
        {"code": 'lab.display.svg("<svg xmlns=\'http://www.w3.org/2000/svg\'/>")', "mime": "image/svg+xml"},
        {"code": 'lab.display.markdown("# title")', "mime": "text/markdown"},
        {"code": 'lab.display.json({ a: 1 })', "mime": "application/json"},
    ]

    code_history_pattern = "1 + 2*"
    supported_history_operations = ("tail", "range", "search")

    code_inspect_sample = "Math.abs"
    code_clear_output = "console.clear()"


class RinglabIopubWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = os.environ.get("RINGLAB_KERNEL", "ringlab")
    support_iopub_welcome = True


del jupyter_kernel_test  # its base classes would be collected as tests of python3


if __name__ == "__main__":
    unittest.main()
