lsm/file_open
; quickstart.yaml:16: - hook: file_open
     0: r6 = r1
     1: call rf_process_known
     2: r8 = r0
     3: if r8 == 0x0 goto +0xf <process open>
     4: r1 = *(u32 *)(r8 + 0x28)
     5: if r1 & 0x1 goto +0xc <exempt.1>
; quickstart.yaml:32: - operator: NotIn
     6: r1 = *(u32 *)(r8 + 0x28)
     7: if r1 & 0x10 goto +0xb <process open>
     8: r2 = *(u32 *)(r8 + 0x2c)
; quickstart.yaml:34: - /usr/bin/cat
     9: if r2 != 0xc goto +0x7 <not.3>
    10: r4 = *(u64 *)(r8 + 0x40)
    11: r5 = 0x6e69622f7273752f ll
    13: if r4 != r5 goto +0x3 <not.3>
    14: r4 = *(u32 *)(r8 + 0x48)
    15: if w4 != 0x7461632f goto +0x1 <not.3>
; quickstart.yaml:32: - operator: NotIn
    16: goto +0x1 <exempt.1>
not.3:
; quickstart.yaml:16: - hook: file_open
    17: goto +0x1 <process open>
exempt.1:
    18: goto +0x1c <past>
process open:
    19: r1 = *(u64 *)(r6 + 0x0)
    20: r2 = r10
    21: r2 += -0x30
    22: r3 = 0x1
    23: call rf_ends_of_file
    24: if r0 != 0x0 goto +0x15 <ends open>
    25: r2 = *(u64 *)(r10 - 0x30)
    26: r4 = -0x1 ll
    28: r3 = r2
    29: r3 &= r4
; quickstart.yaml:28: - /srv/ringfence-demo/secret
    30: r5 = 0x6e69722f7672732f ll
    32: if r3 == r5 goto +0x1 <begun.8>
    33: goto +0xb <branch.6>
begun.8:
    34: r2 = *(u64 *)(r10 - 0x28)
    35: r4 = -0x1 ll
    37: r3 = *(u64 *)(r10 - 0x20)
    38: r4 &= r3
    39: r3 = r2
    40: r3 &= r4
    41: r5 = 0x7465726365732f6f ll
    43: r5 &= r4
    44: if r3 == r5 goto +0x1 <ends open>
branch.6:
; quickstart.yaml:16: - hook: file_open
    45: goto +0x1 <past>
ends open:
    46: goto +0x2 <in>
past:
    47: r0 = 0x0
    48: exit
in:
    49: call rf_scratch_claim
    50: if r0 != 0x0 goto +0x19 <scratch>
    51: r9 = 0x0
    52: r1 = 0x0
    53: r2 = -0x1
    54: call rf_fail_closed
    55: if r9 != 0x0 goto +0x1 <kept.9>
    56: r9 = r0
kept.9:
    57: r0 = r9
    58: r0 <<= 0x20
    59: r0 s>>= 0x20
    60: if r0 s> 0x0 goto +0x2 <clamp.10>
    61: if r0 s< -0xfff goto +0x1 <clamp.10>
    62: exit
clamp.10:
    63: r0 = -0x1
    64: exit
release:
    65: r9 = *(u64 *)(r7 + 0xa8)
    66: r1 = r7
    67: call rf_scratch_release
    68: r0 = r9
    69: r0 <<= 0x20
    70: r0 s>>= 0x20
    71: if r0 s> 0x0 goto +0x2 <clamp.11>
    72: if r0 s< -0xfff goto +0x1 <clamp.11>
    73: exit
clamp.11:
    74: r0 = -0x1
    75: exit
scratch:
    76: r7 = r0
    77: *(u64 *)(r7 + 0xa8) = 0x0
    78: *(u64 *)(r7 + 0xa0) = 0x0
    79: *(u32 *)(r7 + 0x10) = 0x7d68b606
    80: if r8 != 0x0 goto +0x5 <known>
    81: r1 = r7
    82: call rf_process_current
    83: r8 = r0
    84: r1 = *(u32 *)(r8 + 0x28)
    85: if r1 & 0x1 goto -0x15 <release>
known:
    86: r1 = *(u64 *)(r6 + 0x0)
    87: *(u64 *)(r7 + 0x20) = r1
; quickstart.yaml:24: - matchArgs:
    88: *(u64 *)(r7 + 0xb0) = 0x0
; quickstart.yaml:32: - operator: NotIn
    89: r1 = *(u32 *)(r8 + 0x28)
    90: if r1 & 0x10 goto +0x2e <unreadable.15>
    91: r2 = *(u32 *)(r8 + 0x2c)
; quickstart.yaml:34: - /usr/bin/cat
    92: if r2 != 0xc goto +0x7 <next.16>
    93: r4 = *(u64 *)(r8 + 0x40)
    94: r5 = 0x6e69622f7273752f ll
    96: if r4 != r5 goto +0x3 <next.16>
    97: r4 = *(u32 *)(r8 + 0x48)
    98: if w4 != 0x7461632f goto +0x1 <next.16>
; quickstart.yaml:32: - operator: NotIn
    99: goto +0x29 <selector.14>
next.16:
; quickstart.yaml:25: - index: 0
   100: r1 = r7
   101: r2 = 0x0
   102: r3 = 0x0
   103: call rf_read_file
   104: r9 = r7
   105: r9 += 0x9f0
   106: if r0 != 0x0 goto +0x20 <unreadable.20>
   107: r4 = *(u32 *)(r9 + 0x0)
   108: if r4 & 0x2 goto +0x20 <selector.14>
   109: r2 = *(u32 *)(r9 + 0x8)
   110: r4 = *(u32 *)(r9 + 0x4)
   111: if r4 > 0x1000 goto +0x1b <unreadable.20>
   112: r3 = r9
   113: r3 += r4
; quickstart.yaml:28: - /srv/ringfence-demo/secret
   114: if r2 != 0x1a goto +0x1a <selector.14>
   115: r4 = *(u64 *)(r3 + 0x30)
   116: r5 = 0x6e69722f7672732f ll
   118: if r4 != r5 goto +0x16 <selector.14>
   119: r4 = *(u64 *)(r3 + 0x38)
   120: r5 = 0x642d65636e656667 ll
   122: if r4 != r5 goto +0x12 <selector.14>
   123: r4 = *(u64 *)(r3 + 0x40)
   124: r5 = 0x726365732f6f6d65 ll
   126: if r4 != r5 goto +0xe <selector.14>
   127: r4 = *(u16 *)(r3 + 0x48)
   128: if w4 != 0x7465 goto +0xc <selector.14>
next.21:
; quickstart.yaml:38: - action: Sigkill
   129: r9 = 0x300000000 ll
   131: *(u64 *)(r10 - 0x8) = -0x1
   132: r1 = *(u64 *)(r7 + 0xb0)
   133: if r1 == 0x0 goto +0x8 <act.13>
   134: r9 = 0x1000300000000 ll
   136: goto +0x5 <act.13>
unreadable.15:
; quickstart.yaml:32: - operator: NotIn
   137: *(u64 *)(r7 + 0xb0) = 0x1
   138: goto -0x27 <next.16>
unreadable.20:
; quickstart.yaml:25: - index: 0
   139: *(u64 *)(r7 + 0xb0) = 0x1
   140: goto -0xc <next.21>
selector.14:
; quickstart.yaml:16: - hook: file_open
   141: goto +0x15 <policy.12>
act.13:
   142: r1 = r7
   143: r2 = r8
   144: r3 = 0x0
   145: r4 = r9
   146: r5 = *(u64 *)(r10 - 0x8)
   147: call rf_match
   148: r1 = *(u64 *)(r7 + 0xa8)
   149: if r1 != 0x0 goto +0x1 <kept.24>
   150: *(u64 *)(r7 + 0xa8) = r0
kept.24:
   151: r1 = *(u32 *)(r7 + 0x8)
   152: if r1 == 0x0 goto +0xa <policy.12>
   153: r1 = r7
   154: r2 = 0x0
   155: r3 = 0x0
   156: call rf_read_file
   157: r1 = r7
   158: r2 = 0x0
   159: r3 = 0x0
   160: call rf_tell_path
   161: r1 = r7
   162: call rf_tell_end
policy.12:
   163: r9 = *(u64 *)(r7 + 0xa8)
   164: r1 = r7
   165: call rf_scratch_release
   166: r0 = r9
   167: r0 <<= 0x20
   168: r0 s>>= 0x20
   169: if r0 s> 0x0 goto +0x2 <clamp.25>
   170: if r0 s< -0xfff goto +0x1 <clamp.25>
   171: exit
clamp.25:
   172: r0 = -0x1
   173: exit

