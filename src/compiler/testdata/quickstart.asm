lsm/file_open
; quickstart.yaml:16: - hook: file_open
     0: r6 = r1
     1: *(u64 *)(r10 - 0x8) = 0x0
     2: call rf_scratch_claim
     3: if r0 == 0x0 goto +0x62 <no scratch>
     4: r7 = r0
     5: r1 = r7
     6: call rf_process_current
     7: r8 = r0
     8: r1 = *(u32 *)(r8 + 0x28)
     9: if r1 & 0x1 goto +0x59 <release>
; quickstart.yaml:24: - matchArgs:
    10: *(u64 *)(r10 - 0x10) = 0x0
; quickstart.yaml:32: - operator: NotIn
    11: r4 = *(u32 *)(r8 + 0x28)
    12: if r4 & 0x10 goto +0x3d <unreadable.4>
    13: r2 = *(u32 *)(r8 + 0x2c)
; quickstart.yaml:34: - /usr/bin/cat
    14: if r2 != 0xc goto +0x7 <next.5>
    15: r4 = *(u64 *)(r8 + 0x30)
    16: r5 = 0x6e69622f7273752f ll
    18: if r4 != r5 goto +0x3 <next.5>
    19: r4 = *(u32 *)(r8 + 0x38)
    20: if w4 != 0x7461632f goto +0x1 <next.5>
; quickstart.yaml:32: - operator: NotIn
    21: goto +0x4d <release>
next.5:
; quickstart.yaml:25: - index: 0
    22: r1 = r7
    23: r2 = 0x0
    24: r3 = *(u64 *)(r6 + 0x0)
    25: call rf_path_of_file
    26: r9 = r7
    27: r9 += 0x190
    28: if r0 != 0x0 goto +0x2f <unreadable.8>
    29: r4 = *(u32 *)(r9 + 0x0)
    30: if r4 & 0x2 goto +0x44 <release>
    31: r2 = *(u32 *)(r9 + 0x8)
    32: r4 = *(u32 *)(r9 + 0x4)
    33: if r4 > 0x1000 goto +0x2a <unreadable.8>
    34: r3 = r9
    35: r3 += r4
; quickstart.yaml:28: - /srv/ringfence-demo/secret
    36: if r2 != 0x1a goto +0x3e <release>
    37: r4 = *(u64 *)(r3 + 0x20)
    38: r5 = 0x6e69722f7672732f ll
    40: if r4 != r5 goto +0x3a <release>
    41: r4 = *(u64 *)(r3 + 0x28)
    42: r5 = 0x642d65636e656667 ll
    44: if r4 != r5 goto +0x36 <release>
    45: r4 = *(u64 *)(r3 + 0x30)
    46: r5 = 0x726365732f6f6d65 ll
    48: if r4 != r5 goto +0x32 <release>
    49: r4 = *(u16 *)(r3 + 0x38)
    50: if w4 != 0x7465 goto +0x30 <release>
next.9:
; quickstart.yaml:37: - action: Sigkill
    51: r1 = *(u64 *)(r10 - 0x10)
    52: if r1 != 0x0 goto +0x19 <undecided.3>
    53: r1 = r7
    54: r2 = r8
    55: r3 = 0x0
    56: r4 = 0x300000000 ll
    58: r5 = -0x1
    59: call rf_match
    60: r1 = *(u64 *)(r10 - 0x8)
    61: if r1 != 0x0 goto +0x1 <kept.12>
    62: *(u64 *)(r10 - 0x8) = r0
kept.12:
    63: r1 = r7
    64: r2 = 0x0
    65: r3 = *(u64 *)(r6 + 0x0)
    66: call rf_path_of_file
    67: r1 = r7
    68: r2 = 0x0
    69: r3 = 0x0
    70: call rf_tell_path
    71: r1 = r7
    72: call rf_tell_end
    73: goto +0x19 <release>
unreadable.4:
; quickstart.yaml:32: - operator: NotIn
    74: *(u64 *)(r10 - 0x10) = 0x1
    75: goto -0x36 <next.5>
unreadable.8:
; quickstart.yaml:25: - index: 0
    76: *(u64 *)(r10 - 0x10) = 0x1
    77: goto -0x1b <next.9>
undecided.3:
; quickstart.yaml:37: - action: Sigkill
    78: r1 = r7
    79: r2 = r8
    80: r3 = 0x0
    81: r4 = 0x1000300000000 ll
    83: r5 = -0x1
    84: call rf_match
    85: r1 = *(u64 *)(r10 - 0x8)
    86: if r1 != 0x0 goto +0x1 <kept.13>
    87: *(u64 *)(r10 - 0x8) = r0
kept.13:
    88: r1 = r7
    89: r2 = 0x0
    90: r3 = *(u64 *)(r6 + 0x0)
    91: call rf_path_of_file
    92: r1 = r7
    93: r2 = 0x0
    94: r3 = 0x0
    95: call rf_tell_path
    96: r1 = r7
    97: call rf_tell_end
    98: goto +0x0 <release>
release:
; quickstart.yaml:16: - hook: file_open
    99: r1 = r7
   100: call rf_scratch_release
   101: goto +0x5 <leave>
no scratch:
   102: r1 = 0x0
   103: call rf_fail_closed
   104: r1 = *(u64 *)(r10 - 0x8)
   105: if r1 != 0x0 goto +0x1 <leave>
   106: *(u64 *)(r10 - 0x8) = r0
leave:
   107: r0 = *(u64 *)(r10 - 0x8)
   108: r0 <<= 0x20
   109: r0 s>>= 0x20
   110: if r0 s> 0x0 goto +0x2 <clamp>
   111: if r0 s< -0xfff goto +0x1 <clamp>
   112: exit
clamp:
   113: r0 = -0x1
   114: exit

