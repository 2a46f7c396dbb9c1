lsm/bprm_check_security
; deny-exec.yaml:12: - hook: bprm_check_security
     0: r6 = r1
     1: call rf_scratch_claim
     2: if r0 != 0x0 goto +0xe <scratch>
     3: r9 = 0x0
     4: r1 = 0x0
     5: r2 = -0x1
     6: call rf_fail_closed
     7: if r9 != 0x0 goto +0x1 <kept.1>
     8: r9 = r0
kept.1:
     9: r0 = r9
    10: r0 <<= 0x20
    11: r0 s>>= 0x20
    12: if r0 s> 0x0 goto +0x2 <clamp.2>
    13: if r0 s< -0xfff goto +0x1 <clamp.2>
    14: exit
clamp.2:
    15: r0 = -0x1
    16: exit
scratch:
    17: r7 = r0
    18: *(u64 *)(r7 + 0xa8) = 0x0
    19: *(u64 *)(r7 + 0xa0) = 0x0
    20: *(u32 *)(r7 + 0x10) = 0x12ce45c2
    21: r1 = *(u64 *)(r6 + 0x0)
    22: *(u64 *)(r7 + 0x20) = r1
; deny-exec.yaml:22: - matchArgs:
    23: *(u64 *)(r7 + 0xb0) = 0x0
; deny-exec.yaml:23: - index: 0
    24: r1 = r7
    25: r2 = 0x0
    26: r3 = 0x0
    27: call rf_read_binprm
    28: r9 = r7
    29: r9 += 0x9f0
    30: if r0 != 0x0 goto +0x4a <unreadable.7>
    31: r4 = *(u32 *)(r9 + 0x0)
    32: if r4 & 0x2 goto +0x4a <selector.6>
    33: r2 = *(u32 *)(r9 + 0x8)
    34: r4 = *(u32 *)(r9 + 0x4)
    35: if r4 > 0x1000 goto +0x45 <unreadable.7>
    36: r3 = r9
    37: r3 += r4
; deny-exec.yaml:26: - /usr/bin/nc
    38: if r2 != 0xb goto +0x9 <value.11>
    39: r4 = *(u64 *)(r3 + 0x30)
    40: r5 = 0x6e69622f7273752f ll
    42: if r4 != r5 goto +0x5 <value.11>
    43: r4 = *(u16 *)(r3 + 0x38)
    44: if w4 != 0x6e2f goto +0x3 <value.11>
    45: r4 = *(u8 *)(r3 + 0x3a)
    46: if w4 != 0x63 goto +0x1 <value.11>
    47: goto +0x31 <next.8>
value.11:
; deny-exec.yaml:27: - /usr/bin/nc.openbsd
    48: if r2 != 0x13 goto +0xd <value.12>
    49: r4 = *(u64 *)(r3 + 0x30)
    50: r5 = 0x6e69622f7273752f ll
    52: if r4 != r5 goto +0x9 <value.12>
    53: r4 = *(u64 *)(r3 + 0x38)
    54: r5 = 0x6e65706f2e636e2f ll
    56: if r4 != r5 goto +0x5 <value.12>
    57: r4 = *(u16 *)(r3 + 0x40)
    58: if w4 != 0x7362 goto +0x3 <value.12>
    59: r4 = *(u8 *)(r3 + 0x42)
    60: if w4 != 0x64 goto +0x1 <value.12>
    61: goto +0x23 <next.8>
value.12:
; deny-exec.yaml:28: - /usr/bin/nc.traditional
    62: if r2 != 0x17 goto +0xf <value.13>
    63: r4 = *(u64 *)(r3 + 0x30)
    64: r5 = 0x6e69622f7273752f ll
    66: if r4 != r5 goto +0xb <value.13>
    67: r4 = *(u64 *)(r3 + 0x38)
    68: r5 = 0x646172742e636e2f ll
    70: if r4 != r5 goto +0x7 <value.13>
    71: r4 = *(u32 *)(r3 + 0x40)
    72: if w4 != 0x6f697469 goto +0x5 <value.13>
    73: r4 = *(u16 *)(r3 + 0x44)
    74: if w4 != 0x616e goto +0x3 <value.13>
    75: r4 = *(u8 *)(r3 + 0x46)
    76: if w4 != 0x6c goto +0x1 <value.13>
    77: goto +0x13 <next.8>
value.13:
; deny-exec.yaml:29: - /usr/bin/ncat
    78: if r2 != 0xd goto +0x9 <value.14>
    79: r4 = *(u64 *)(r3 + 0x30)
    80: r5 = 0x6e69622f7273752f ll
    82: if r4 != r5 goto +0x5 <value.14>
    83: r4 = *(u32 *)(r3 + 0x38)
    84: if w4 != 0x61636e2f goto +0x3 <value.14>
    85: r4 = *(u8 *)(r3 + 0x3c)
    86: if w4 != 0x74 goto +0x1 <value.14>
    87: goto +0x9 <next.8>
value.14:
; deny-exec.yaml:30: - /usr/bin/socat
    88: if r2 != 0xe goto +0x12 <selector.6>
    89: r4 = *(u64 *)(r3 + 0x30)
    90: r5 = 0x6e69622f7273752f ll
    92: if r4 != r5 goto +0xe <selector.6>
    93: r4 = *(u32 *)(r3 + 0x38)
    94: if w4 != 0x636f732f goto +0xc <selector.6>
    95: r4 = *(u16 *)(r3 + 0x3c)
    96: if w4 != 0x7461 goto +0xa <selector.6>
next.8:
; deny-exec.yaml:33: - action: Override
    97: r9 = 0x500000000 ll
    99: *(u64 *)(r10 - 0x8) = -0x1
   100: r1 = *(u64 *)(r7 + 0xb0)
   101: if r1 == 0x0 goto +0x6 <act.5>
   102: r9 = 0x1000500000000 ll
   104: goto +0x3 <act.5>
unreadable.7:
; deny-exec.yaml:23: - index: 0
   105: *(u64 *)(r7 + 0xb0) = 0x1
   106: goto -0xa <next.8>
selector.6:
; deny-exec.yaml:12: - hook: bprm_check_security
   107: goto +0x1a <policy.4>
act.5:
   108: r1 = r7
   109: call rf_process_current
   110: r8 = r0
   111: r1 = *(u32 *)(r8 + 0x28)
   112: if r1 & 0x1 goto +0x15 <policy.4>
   113: r1 = r7
   114: r2 = r8
   115: r3 = 0x0
   116: r4 = r9
   117: r5 = *(u64 *)(r10 - 0x8)
   118: call rf_match
   119: r1 = *(u64 *)(r7 + 0xa8)
   120: if r1 != 0x0 goto +0x1 <kept.15>
   121: *(u64 *)(r7 + 0xa8) = r0
kept.15:
   122: r1 = *(u32 *)(r7 + 0x8)
   123: if r1 == 0x0 goto +0xa <policy.4>
   124: r1 = r7
   125: r2 = 0x0
   126: r3 = 0x0
   127: call rf_read_binprm
   128: r1 = r7
   129: r2 = 0x0
   130: r3 = 0x0
   131: call rf_tell_path
   132: r1 = r7
   133: call rf_tell_end
policy.4:
   134: r9 = *(u64 *)(r7 + 0xa8)
   135: r1 = r7
   136: call rf_scratch_release
   137: r0 = r9
   138: r0 <<= 0x20
   139: r0 s>>= 0x20
   140: if r0 s> 0x0 goto +0x2 <clamp.16>
   141: if r0 s< -0xfff goto +0x1 <clamp.16>
   142: exit
clamp.16:
   143: r0 = -0x1
   144: exit

