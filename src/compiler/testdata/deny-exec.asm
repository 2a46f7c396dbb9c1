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
    18: *(u64 *)(r7 + 0xa0) = 0x0
    19: *(u64 *)(r7 + 0x98) = 0x0
    20: r1 = *(u64 *)(r6 + 0x0)
    21: *(u64 *)(r7 + 0x18) = r1
; deny-exec.yaml:22: - matchArgs:
    22: *(u64 *)(r7 + 0xa8) = 0x0
; deny-exec.yaml:23: - index: 0
    23: r1 = r7
    24: r2 = 0x0
    25: r3 = 0x0
    26: call rf_read_binprm
    27: r9 = r7
    28: r9 += 0x948
    29: if r0 != 0x0 goto +0x4a <unreadable.7>
    30: r4 = *(u32 *)(r9 + 0x0)
    31: if r4 & 0x2 goto +0x4a <selector.6>
    32: r2 = *(u32 *)(r9 + 0x8)
    33: r4 = *(u32 *)(r9 + 0x4)
    34: if r4 > 0x1000 goto +0x45 <unreadable.7>
    35: r3 = r9
    36: r3 += r4
; deny-exec.yaml:26: - /usr/bin/nc
    37: if r2 != 0xb goto +0x9 <value.11>
    38: r4 = *(u64 *)(r3 + 0x28)
    39: r5 = 0x6e69622f7273752f ll
    41: if r4 != r5 goto +0x5 <value.11>
    42: r4 = *(u16 *)(r3 + 0x30)
    43: if w4 != 0x6e2f goto +0x3 <value.11>
    44: r4 = *(u8 *)(r3 + 0x32)
    45: if w4 != 0x63 goto +0x1 <value.11>
    46: goto +0x31 <next.8>
value.11:
; deny-exec.yaml:27: - /usr/bin/nc.openbsd
    47: if r2 != 0x13 goto +0xd <value.12>
    48: r4 = *(u64 *)(r3 + 0x28)
    49: r5 = 0x6e69622f7273752f ll
    51: if r4 != r5 goto +0x9 <value.12>
    52: r4 = *(u64 *)(r3 + 0x30)
    53: r5 = 0x6e65706f2e636e2f ll
    55: if r4 != r5 goto +0x5 <value.12>
    56: r4 = *(u16 *)(r3 + 0x38)
    57: if w4 != 0x7362 goto +0x3 <value.12>
    58: r4 = *(u8 *)(r3 + 0x3a)
    59: if w4 != 0x64 goto +0x1 <value.12>
    60: goto +0x23 <next.8>
value.12:
; deny-exec.yaml:28: - /usr/bin/nc.traditional
    61: if r2 != 0x17 goto +0xf <value.13>
    62: r4 = *(u64 *)(r3 + 0x28)
    63: r5 = 0x6e69622f7273752f ll
    65: if r4 != r5 goto +0xb <value.13>
    66: r4 = *(u64 *)(r3 + 0x30)
    67: r5 = 0x646172742e636e2f ll
    69: if r4 != r5 goto +0x7 <value.13>
    70: r4 = *(u32 *)(r3 + 0x38)
    71: if w4 != 0x6f697469 goto +0x5 <value.13>
    72: r4 = *(u16 *)(r3 + 0x3c)
    73: if w4 != 0x616e goto +0x3 <value.13>
    74: r4 = *(u8 *)(r3 + 0x3e)
    75: if w4 != 0x6c goto +0x1 <value.13>
    76: goto +0x13 <next.8>
value.13:
; deny-exec.yaml:29: - /usr/bin/ncat
    77: if r2 != 0xd goto +0x9 <value.14>
    78: r4 = *(u64 *)(r3 + 0x28)
    79: r5 = 0x6e69622f7273752f ll
    81: if r4 != r5 goto +0x5 <value.14>
    82: r4 = *(u32 *)(r3 + 0x30)
    83: if w4 != 0x61636e2f goto +0x3 <value.14>
    84: r4 = *(u8 *)(r3 + 0x34)
    85: if w4 != 0x74 goto +0x1 <value.14>
    86: goto +0x9 <next.8>
value.14:
; deny-exec.yaml:30: - /usr/bin/socat
    87: if r2 != 0xe goto +0x12 <selector.6>
    88: r4 = *(u64 *)(r3 + 0x28)
    89: r5 = 0x6e69622f7273752f ll
    91: if r4 != r5 goto +0xe <selector.6>
    92: r4 = *(u32 *)(r3 + 0x30)
    93: if w4 != 0x636f732f goto +0xc <selector.6>
    94: r4 = *(u16 *)(r3 + 0x34)
    95: if w4 != 0x7461 goto +0xa <selector.6>
next.8:
; deny-exec.yaml:33: - action: Override
    96: r9 = 0x500000000 ll
    98: *(u64 *)(r10 - 0x8) = -0x1
    99: r1 = *(u64 *)(r7 + 0xa8)
   100: if r1 == 0x0 goto +0x6 <act.5>
   101: r9 = 0x1000500000000 ll
   103: goto +0x3 <act.5>
unreadable.7:
; deny-exec.yaml:23: - index: 0
   104: *(u64 *)(r7 + 0xa8) = 0x1
   105: goto -0xa <next.8>
selector.6:
; deny-exec.yaml:12: - hook: bprm_check_security
   106: goto +0x1a <policy.4>
act.5:
   107: r1 = r7
   108: call rf_process_current
   109: r8 = r0
   110: r1 = *(u32 *)(r8 + 0x28)
   111: if r1 & 0x1 goto +0x15 <policy.4>
   112: r1 = r7
   113: r2 = r8
   114: r3 = 0x0
   115: r4 = r9
   116: r5 = *(u64 *)(r10 - 0x8)
   117: call rf_match
   118: r1 = *(u64 *)(r7 + 0xa0)
   119: if r1 != 0x0 goto +0x1 <kept.15>
   120: *(u64 *)(r7 + 0xa0) = r0
kept.15:
   121: r1 = *(u32 *)(r7 + 0x8)
   122: if r1 == 0x0 goto +0xa <policy.4>
   123: r1 = r7
   124: r2 = 0x0
   125: r3 = 0x0
   126: call rf_read_binprm
   127: r1 = r7
   128: r2 = 0x0
   129: r3 = 0x0
   130: call rf_tell_path
   131: r1 = r7
   132: call rf_tell_end
policy.4:
   133: r9 = *(u64 *)(r7 + 0xa0)
   134: r1 = r7
   135: call rf_scratch_release
   136: r0 = r9
   137: r0 <<= 0x20
   138: r0 s>>= 0x20
   139: if r0 s> 0x0 goto +0x2 <clamp.16>
   140: if r0 s< -0xfff goto +0x1 <clamp.16>
   141: exit
clamp.16:
   142: r0 = -0x1
   143: exit

