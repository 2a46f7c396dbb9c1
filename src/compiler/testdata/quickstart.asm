lsm/file_open
; quickstart.yaml:16: - hook: file_open
     0: r6 = r1
     1: call rf_scratch_claim
     2: if r0 != 0x0 goto +0x12 <scratch>
     3: r9 = 0x0
     4: r1 = 0x0
     5: r2 = -0x1
     6: call rf_fail_closed
     7: if r9 != 0x0 goto +0x1 <kept.1>
     8: r9 = r0
kept.1:
     9: goto +0x3 <leave>
release:
    10: r9 = *(u64 *)(r7 + 0xa0)
    11: r1 = r7
    12: call rf_scratch_release
leave:
    13: r0 = r9
    14: r0 <<= 0x20
    15: r0 s>>= 0x20
    16: if r0 s> 0x0 goto +0x2 <clamp>
    17: if r0 s< -0xfff goto +0x1 <clamp>
    18: exit
clamp:
    19: r0 = -0x1
    20: exit
scratch:
    21: r7 = r0
    22: *(u64 *)(r7 + 0xa0) = 0x0
    23: *(u64 *)(r7 + 0x98) = 0x0
    24: r1 = r7
    25: call rf_process_current
    26: r8 = r0
    27: r1 = *(u32 *)(r8 + 0x28)
    28: if r1 & 0x1 goto -0x13 <release>
    29: r1 = *(u64 *)(r6 + 0x0)
    30: *(u64 *)(r7 + 0x18) = r1
; quickstart.yaml:24: - matchArgs:
    31: *(u64 *)(r7 + 0xa8) = 0x0
; quickstart.yaml:32: - operator: NotIn
    32: r1 = *(u32 *)(r8 + 0x28)
    33: if r1 & 0x10 goto +0x2e <unreadable.5>
    34: r2 = *(u32 *)(r8 + 0x2c)
; quickstart.yaml:34: - /usr/bin/cat
    35: if r2 != 0xc goto +0x7 <next.6>
    36: r4 = *(u64 *)(r8 + 0x40)
    37: r5 = 0x6e69622f7273752f ll
    39: if r4 != r5 goto +0x3 <next.6>
    40: r4 = *(u32 *)(r8 + 0x48)
    41: if w4 != 0x7461632f goto +0x1 <next.6>
; quickstart.yaml:32: - operator: NotIn
    42: goto +0x29 <selector.4>
next.6:
; quickstart.yaml:25: - index: 0
    43: r1 = r7
    44: r2 = 0x0
    45: r3 = 0x0
    46: call rf_read_file
    47: r9 = r7
    48: r9 += 0x948
    49: if r0 != 0x0 goto +0x20 <unreadable.10>
    50: r4 = *(u32 *)(r9 + 0x0)
    51: if r4 & 0x2 goto +0x20 <selector.4>
    52: r2 = *(u32 *)(r9 + 0x8)
    53: r4 = *(u32 *)(r9 + 0x4)
    54: if r4 > 0x1000 goto +0x1b <unreadable.10>
    55: r3 = r9
    56: r3 += r4
; quickstart.yaml:28: - /srv/ringfence-demo/secret
    57: if r2 != 0x1a goto +0x1a <selector.4>
    58: r4 = *(u64 *)(r3 + 0x28)
    59: r5 = 0x6e69722f7672732f ll
    61: if r4 != r5 goto +0x16 <selector.4>
    62: r4 = *(u64 *)(r3 + 0x30)
    63: r5 = 0x642d65636e656667 ll
    65: if r4 != r5 goto +0x12 <selector.4>
    66: r4 = *(u64 *)(r3 + 0x38)
    67: r5 = 0x726365732f6f6d65 ll
    69: if r4 != r5 goto +0xe <selector.4>
    70: r4 = *(u16 *)(r3 + 0x40)
    71: if w4 != 0x7465 goto +0xc <selector.4>
next.11:
; quickstart.yaml:37: - action: Sigkill
    72: r9 = 0x300000000 ll
    74: *(u64 *)(r10 - 0x8) = -0x1
    75: r1 = *(u64 *)(r7 + 0xa8)
    76: if r1 == 0x0 goto +0x8 <act.3>
    77: r9 = 0x1000300000000 ll
    79: goto +0x5 <act.3>
unreadable.5:
; quickstart.yaml:32: - operator: NotIn
    80: *(u64 *)(r7 + 0xa8) = 0x1
    81: goto -0x27 <next.6>
unreadable.10:
; quickstart.yaml:25: - index: 0
    82: *(u64 *)(r7 + 0xa8) = 0x1
    83: goto -0xc <next.11>
selector.4:
; quickstart.yaml:16: - hook: file_open
    84: goto +0x15 <policy.2>
act.3:
    85: r1 = r7
    86: r2 = r8
    87: r3 = 0x0
    88: r4 = r9
    89: r5 = *(u64 *)(r10 - 0x8)
    90: call rf_match
    91: r1 = *(u64 *)(r7 + 0xa0)
    92: if r1 != 0x0 goto +0x1 <kept.14>
    93: *(u64 *)(r7 + 0xa0) = r0
kept.14:
    94: r1 = *(u32 *)(r7 + 0x8)
    95: if r1 == 0x0 goto +0xa <policy.2>
    96: r1 = r7
    97: r2 = 0x0
    98: r3 = 0x0
    99: call rf_read_file
   100: r1 = r7
   101: r2 = 0x0
   102: r3 = 0x0
   103: call rf_tell_path
   104: r1 = r7
   105: call rf_tell_end
policy.2:
   106: goto -0x61 <release>

