lsm/file_open
; no-read-shadow.yaml:15: - hook: file_open
     0: r6 = r1
     1: call rf_scratch_claim
     2: if r0 != 0x0 goto +0x19 <scratch>
     3: r9 = 0x0
     4: r1 = 0x0
     5: r2 = -0xd
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
release:
    17: r9 = *(u64 *)(r7 + 0xa8)
    18: r1 = r7
    19: call rf_scratch_release
    20: r0 = r9
    21: r0 <<= 0x20
    22: r0 s>>= 0x20
    23: if r0 s> 0x0 goto +0x2 <clamp.3>
    24: if r0 s< -0xfff goto +0x1 <clamp.3>
    25: exit
clamp.3:
    26: r0 = -0x1
    27: exit
scratch:
    28: r7 = r0
    29: *(u64 *)(r7 + 0xa8) = 0x0
    30: *(u64 *)(r7 + 0xa0) = 0x0
    31: *(u32 *)(r7 + 0x10) = 0x7d68b606
    32: r1 = r7
    33: call rf_process_current
    34: r8 = r0
    35: r1 = *(u32 *)(r8 + 0x28)
    36: if r1 & 0x1 goto -0x14 <release>
    37: r1 = *(u64 *)(r6 + 0x0)
    38: *(u64 *)(r7 + 0x20) = r1
; no-read-shadow.yaml:23: - matchArgs:
    39: *(u64 *)(r7 + 0xb0) = 0x0
; no-read-shadow.yaml:32: - operator: NotIn
    40: r1 = *(u32 *)(r8 + 0x28)
    41: if r1 & 0x10 goto +0x16b <unreadable.7>
    42: if r1 & 0x40 goto +0x131 <next.8>
    43: r2 = *(u32 *)(r8 + 0x2c)
; no-read-shadow.yaml:34: - /usr/bin/chage
    44: if r2 != 0xe goto +0x9 <value.12>
    45: r4 = *(u64 *)(r8 + 0x40)
    46: r5 = 0x6e69622f7273752f ll
    48: if r4 != r5 goto +0x5 <value.12>
    49: r4 = *(u32 *)(r8 + 0x48)
    50: if w4 != 0x6168632f goto +0x3 <value.12>
    51: r4 = *(u16 *)(r8 + 0x4c)
    52: if w4 != 0x6567 goto +0x1 <value.12>
    53: goto +0x125 <binary.10>
value.12:
; no-read-shadow.yaml:35: - /usr/bin/gpasswd
    54: if r2 != 0x10 goto +0x9 <value.13>
    55: r4 = *(u64 *)(r8 + 0x40)
    56: r5 = 0x6e69622f7273752f ll
    58: if r4 != r5 goto +0x5 <value.13>
    59: r4 = *(u64 *)(r8 + 0x48)
    60: r5 = 0x647773736170672f ll
    62: if r4 != r5 goto +0x1 <value.13>
    63: goto +0x11b <binary.10>
value.13:
; no-read-shadow.yaml:36: - /usr/bin/login
    64: if r2 != 0xe goto +0x9 <value.14>
    65: r4 = *(u64 *)(r8 + 0x40)
    66: r5 = 0x6e69622f7273752f ll
    68: if r4 != r5 goto +0x5 <value.14>
    69: r4 = *(u32 *)(r8 + 0x48)
    70: if w4 != 0x676f6c2f goto +0x3 <value.14>
    71: r4 = *(u16 *)(r8 + 0x4c)
    72: if w4 != 0x6e69 goto +0x1 <value.14>
    73: goto +0x111 <binary.10>
value.14:
; no-read-shadow.yaml:37: - /usr/bin/newgrp
    74: if r2 != 0xf goto +0xb <value.15>
    75: r4 = *(u64 *)(r8 + 0x40)
    76: r5 = 0x6e69622f7273752f ll
    78: if r4 != r5 goto +0x7 <value.15>
    79: r4 = *(u32 *)(r8 + 0x48)
    80: if w4 != 0x77656e2f goto +0x5 <value.15>
    81: r4 = *(u16 *)(r8 + 0x4c)
    82: if w4 != 0x7267 goto +0x3 <value.15>
    83: r4 = *(u8 *)(r8 + 0x4e)
    84: if w4 != 0x70 goto +0x1 <value.15>
    85: goto +0x105 <binary.10>
value.15:
; no-read-shadow.yaml:38: - /usr/bin/passwd
    86: if r2 != 0xf goto +0xb <value.16>
    87: r4 = *(u64 *)(r8 + 0x40)
    88: r5 = 0x6e69622f7273752f ll
    90: if r4 != r5 goto +0x7 <value.16>
    91: r4 = *(u32 *)(r8 + 0x48)
    92: if w4 != 0x7361702f goto +0x5 <value.16>
    93: r4 = *(u16 *)(r8 + 0x4c)
    94: if w4 != 0x7773 goto +0x3 <value.16>
    95: r4 = *(u8 *)(r8 + 0x4e)
    96: if w4 != 0x64 goto +0x1 <value.16>
    97: goto +0xf9 <binary.10>
value.16:
; no-read-shadow.yaml:39: - /usr/bin/su
    98: if r2 != 0xb goto +0x9 <value.17>
    99: r4 = *(u64 *)(r8 + 0x40)
   100: r5 = 0x6e69622f7273752f ll
   102: if r4 != r5 goto +0x5 <value.17>
   103: r4 = *(u16 *)(r8 + 0x48)
   104: if w4 != 0x732f goto +0x3 <value.17>
   105: r4 = *(u8 *)(r8 + 0x4a)
   106: if w4 != 0x75 goto +0x1 <value.17>
   107: goto +0xef <binary.10>
value.17:
; no-read-shadow.yaml:40: - /usr/bin/sudo
   108: if r2 != 0xd goto +0x9 <value.18>
   109: r4 = *(u64 *)(r8 + 0x40)
   110: r5 = 0x6e69622f7273752f ll
   112: if r4 != r5 goto +0x5 <value.18>
   113: r4 = *(u32 *)(r8 + 0x48)
   114: if w4 != 0x6475732f goto +0x3 <value.18>
   115: r4 = *(u8 *)(r8 + 0x4c)
   116: if w4 != 0x6f goto +0x1 <value.18>
   117: goto +0xe5 <binary.10>
value.18:
; no-read-shadow.yaml:41: - /usr/bin/systemd-sysusers
   118: if r2 != 0x19 goto +0xf <value.19>
   119: r4 = *(u64 *)(r8 + 0x40)
   120: r5 = 0x6e69622f7273752f ll
   122: if r4 != r5 goto +0xb <value.19>
   123: r4 = *(u64 *)(r8 + 0x48)
   124: r5 = 0x646d65747379732f ll
   126: if r4 != r5 goto +0x7 <value.19>
   127: r4 = *(u64 *)(r8 + 0x50)
   128: r5 = 0x726573757379732d ll
   130: if r4 != r5 goto +0x3 <value.19>
   131: r4 = *(u8 *)(r8 + 0x58)
   132: if w4 != 0x73 goto +0x1 <value.19>
   133: goto +0xd5 <binary.10>
value.19:
; no-read-shadow.yaml:42: - /usr/lib/openssh/sshd-session
   134: if r2 != 0x1d goto +0x11 <value.20>
   135: r4 = *(u64 *)(r8 + 0x40)
   136: r5 = 0x62696c2f7273752f ll
   138: if r4 != r5 goto +0xd <value.20>
   139: r4 = *(u64 *)(r8 + 0x48)
   140: r5 = 0x6873736e65706f2f ll
   142: if r4 != r5 goto +0x9 <value.20>
   143: r4 = *(u64 *)(r8 + 0x50)
   144: r5 = 0x65732d646873732f ll
   146: if r4 != r5 goto +0x5 <value.20>
   147: r4 = *(u32 *)(r8 + 0x58)
   148: if w4 != 0x6f697373 goto +0x3 <value.20>
   149: r4 = *(u8 *)(r8 + 0x5c)
   150: if w4 != 0x6e goto +0x1 <value.20>
   151: goto +0xc3 <binary.10>
value.20:
; no-read-shadow.yaml:43: - /usr/lib/systemd/systemd
   152: if r2 != 0x18 goto +0xd <value.21>
   153: r4 = *(u64 *)(r8 + 0x40)
   154: r5 = 0x62696c2f7273752f ll
   156: if r4 != r5 goto +0x9 <value.21>
   157: r4 = *(u64 *)(r8 + 0x48)
   158: r5 = 0x646d65747379732f ll
   160: if r4 != r5 goto +0x5 <value.21>
   161: r4 = *(u64 *)(r8 + 0x50)
   162: r5 = 0x646d65747379732f ll
   164: if r4 != r5 goto +0x1 <value.21>
   165: goto +0xb5 <binary.10>
value.21:
; no-read-shadow.yaml:44: - /usr/lib/systemd/systemd-executor
   166: if r2 != 0x21 goto +0x13 <value.22>
   167: r4 = *(u64 *)(r8 + 0x40)
   168: r5 = 0x62696c2f7273752f ll
   170: if r4 != r5 goto +0xf <value.22>
   171: r4 = *(u64 *)(r8 + 0x48)
   172: r5 = 0x646d65747379732f ll
   174: if r4 != r5 goto +0xb <value.22>
   175: r4 = *(u64 *)(r8 + 0x50)
   176: r5 = 0x646d65747379732f ll
   178: if r4 != r5 goto +0x7 <value.22>
   179: r4 = *(u64 *)(r8 + 0x58)
   180: r5 = 0x6f7475636578652d ll
   182: if r4 != r5 goto +0x3 <value.22>
   183: r4 = *(u8 *)(r8 + 0x60)
   184: if w4 != 0x72 goto +0x1 <value.22>
   185: goto +0xa1 <binary.10>
value.22:
; no-read-shadow.yaml:45: - /usr/sbin/chpasswd
   186: if r2 != 0x12 goto +0xb <value.23>
   187: r4 = *(u64 *)(r8 + 0x40)
   188: r5 = 0x6962732f7273752f ll
   190: if r4 != r5 goto +0x7 <value.23>
   191: r4 = *(u64 *)(r8 + 0x48)
   192: r5 = 0x7373617068632f6e ll
   194: if r4 != r5 goto +0x3 <value.23>
   195: r4 = *(u16 *)(r8 + 0x50)
   196: if w4 != 0x6477 goto +0x1 <value.23>
   197: goto +0x95 <binary.10>
value.23:
; no-read-shadow.yaml:46: - /usr/sbin/cron
   198: if r2 != 0xe goto +0x9 <value.24>
   199: r4 = *(u64 *)(r8 + 0x40)
   200: r5 = 0x6962732f7273752f ll
   202: if r4 != r5 goto +0x5 <value.24>
   203: r4 = *(u32 *)(r8 + 0x48)
   204: if w4 != 0x72632f6e goto +0x3 <value.24>
   205: r4 = *(u16 *)(r8 + 0x4c)
   206: if w4 != 0x6e6f goto +0x1 <value.24>
   207: goto +0x8b <binary.10>
value.24:
; no-read-shadow.yaml:47: - /usr/sbin/groupadd
   208: if r2 != 0x12 goto +0xb <value.25>
   209: r4 = *(u64 *)(r8 + 0x40)
   210: r5 = 0x6962732f7273752f ll
   212: if r4 != r5 goto +0x7 <value.25>
   213: r4 = *(u64 *)(r8 + 0x48)
   214: r5 = 0x6170756f72672f6e ll
   216: if r4 != r5 goto +0x3 <value.25>
   217: r4 = *(u16 *)(r8 + 0x50)
   218: if w4 != 0x6464 goto +0x1 <value.25>
   219: goto +0x7f <binary.10>
value.25:
; no-read-shadow.yaml:48: - /usr/sbin/groupdel
   220: if r2 != 0x12 goto +0xb <value.26>
   221: r4 = *(u64 *)(r8 + 0x40)
   222: r5 = 0x6962732f7273752f ll
   224: if r4 != r5 goto +0x7 <value.26>
   225: r4 = *(u64 *)(r8 + 0x48)
   226: r5 = 0x6470756f72672f6e ll
   228: if r4 != r5 goto +0x3 <value.26>
   229: r4 = *(u16 *)(r8 + 0x50)
   230: if w4 != 0x6c65 goto +0x1 <value.26>
   231: goto +0x73 <binary.10>
value.26:
; no-read-shadow.yaml:49: - /usr/sbin/groupmod
   232: if r2 != 0x12 goto +0xb <value.27>
   233: r4 = *(u64 *)(r8 + 0x40)
   234: r5 = 0x6962732f7273752f ll
   236: if r4 != r5 goto +0x7 <value.27>
   237: r4 = *(u64 *)(r8 + 0x48)
   238: r5 = 0x6d70756f72672f6e ll
   240: if r4 != r5 goto +0x3 <value.27>
   241: r4 = *(u16 *)(r8 + 0x50)
   242: if w4 != 0x646f goto +0x1 <value.27>
   243: goto +0x67 <binary.10>
value.27:
; no-read-shadow.yaml:50: - /usr/sbin/grpck
   244: if r2 != 0xf goto +0xb <value.28>
   245: r4 = *(u64 *)(r8 + 0x40)
   246: r5 = 0x6962732f7273752f ll
   248: if r4 != r5 goto +0x7 <value.28>
   249: r4 = *(u32 *)(r8 + 0x48)
   250: if w4 != 0x72672f6e goto +0x5 <value.28>
   251: r4 = *(u16 *)(r8 + 0x4c)
   252: if w4 != 0x6370 goto +0x3 <value.28>
   253: r4 = *(u8 *)(r8 + 0x4e)
   254: if w4 != 0x6b goto +0x1 <value.28>
   255: goto +0x5b <binary.10>
value.28:
; no-read-shadow.yaml:51: - /usr/sbin/pwck
   256: if r2 != 0xe goto +0x9 <value.29>
   257: r4 = *(u64 *)(r8 + 0x40)
   258: r5 = 0x6962732f7273752f ll
   260: if r4 != r5 goto +0x5 <value.29>
   261: r4 = *(u32 *)(r8 + 0x48)
   262: if w4 != 0x77702f6e goto +0x3 <value.29>
   263: r4 = *(u16 *)(r8 + 0x4c)
   264: if w4 != 0x6b63 goto +0x1 <value.29>
   265: goto +0x51 <binary.10>
value.29:
; no-read-shadow.yaml:52: - /usr/sbin/runuser
   266: if r2 != 0x11 goto +0xb <value.30>
   267: r4 = *(u64 *)(r8 + 0x40)
   268: r5 = 0x6962732f7273752f ll
   270: if r4 != r5 goto +0x7 <value.30>
   271: r4 = *(u64 *)(r8 + 0x48)
   272: r5 = 0x6573756e75722f6e ll
   274: if r4 != r5 goto +0x3 <value.30>
   275: r4 = *(u8 *)(r8 + 0x50)
   276: if w4 != 0x72 goto +0x1 <value.30>
   277: goto +0x45 <binary.10>
value.30:
; no-read-shadow.yaml:53: - /usr/sbin/sshd
   278: if r2 != 0xe goto +0x9 <value.31>
   279: r4 = *(u64 *)(r8 + 0x40)
   280: r5 = 0x6962732f7273752f ll
   282: if r4 != r5 goto +0x5 <value.31>
   283: r4 = *(u32 *)(r8 + 0x48)
   284: if w4 != 0x73732f6e goto +0x3 <value.31>
   285: r4 = *(u16 *)(r8 + 0x4c)
   286: if w4 != 0x6468 goto +0x1 <value.31>
   287: goto +0x3b <binary.10>
value.31:
; no-read-shadow.yaml:54: - /usr/sbin/unix_chkpwd
   288: if r2 != 0x15 goto +0xd <value.32>
   289: r4 = *(u64 *)(r8 + 0x40)
   290: r5 = 0x6962732f7273752f ll
   292: if r4 != r5 goto +0x9 <value.32>
   293: r4 = *(u64 *)(r8 + 0x48)
   294: r5 = 0x635f78696e752f6e ll
   296: if r4 != r5 goto +0x5 <value.32>
   297: r4 = *(u32 *)(r8 + 0x50)
   298: if w4 != 0x77706b68 goto +0x3 <value.32>
   299: r4 = *(u8 *)(r8 + 0x54)
   300: if w4 != 0x64 goto +0x1 <value.32>
   301: goto +0x2d <binary.10>
value.32:
; no-read-shadow.yaml:55: - /usr/sbin/useradd
   302: if r2 != 0x11 goto +0xb <value.33>
   303: r4 = *(u64 *)(r8 + 0x40)
   304: r5 = 0x6962732f7273752f ll
   306: if r4 != r5 goto +0x7 <value.33>
   307: r4 = *(u64 *)(r8 + 0x48)
   308: r5 = 0x6461726573752f6e ll
   310: if r4 != r5 goto +0x3 <value.33>
   311: r4 = *(u8 *)(r8 + 0x50)
   312: if w4 != 0x64 goto +0x1 <value.33>
   313: goto +0x21 <binary.10>
value.33:
; no-read-shadow.yaml:56: - /usr/sbin/userdel
   314: if r2 != 0x11 goto +0xb <value.34>
   315: r4 = *(u64 *)(r8 + 0x40)
   316: r5 = 0x6962732f7273752f ll
   318: if r4 != r5 goto +0x7 <value.34>
   319: r4 = *(u64 *)(r8 + 0x48)
   320: r5 = 0x6564726573752f6e ll
   322: if r4 != r5 goto +0x3 <value.34>
   323: r4 = *(u8 *)(r8 + 0x50)
   324: if w4 != 0x6c goto +0x1 <value.34>
   325: goto +0x15 <binary.10>
value.34:
; no-read-shadow.yaml:57: - /usr/sbin/usermod
   326: if r2 != 0x11 goto +0xb <value.35>
   327: r4 = *(u64 *)(r8 + 0x40)
   328: r5 = 0x6962732f7273752f ll
   330: if r4 != r5 goto +0x7 <value.35>
   331: r4 = *(u64 *)(r8 + 0x48)
   332: r5 = 0x6f6d726573752f6e ll
   334: if r4 != r5 goto +0x3 <value.35>
   335: r4 = *(u8 *)(r8 + 0x50)
   336: if w4 != 0x64 goto +0x1 <value.35>
   337: goto +0x9 <binary.10>
value.35:
; no-read-shadow.yaml:58: - /usr/sbin/vipw
   338: if r2 != 0xe goto +0x9 <next.8>
   339: r4 = *(u64 *)(r8 + 0x40)
   340: r5 = 0x6962732f7273752f ll
   342: if r4 != r5 goto +0x5 <next.8>
   343: r4 = *(u32 *)(r8 + 0x48)
   344: if w4 != 0x69762f6e goto +0x3 <next.8>
   345: r4 = *(u16 *)(r8 + 0x4c)
   346: if w4 != 0x7770 goto +0x1 <next.8>
binary.10:
; no-read-shadow.yaml:32: - operator: NotIn
   347: goto +0x3d <selector.6>
next.8:
; no-read-shadow.yaml:24: - index: 0
   348: r1 = r7
   349: r2 = 0x0
   350: r3 = 0x0
   351: call rf_read_file
   352: r9 = r7
   353: r9 += 0x9f0
   354: if r0 != 0x0 goto +0x34 <unreadable.36>
   355: r4 = *(u32 *)(r9 + 0x0)
   356: if r4 & 0x2 goto +0x34 <selector.6>
   357: r2 = *(u32 *)(r9 + 0x8)
   358: r4 = *(u32 *)(r9 + 0x4)
   359: if r4 > 0x1000 goto +0x2f <unreadable.36>
   360: r3 = r9
   361: r3 += r4
; no-read-shadow.yaml:27: - /etc/shadow
   362: if r2 != 0xb goto +0x9 <value.40>
   363: r4 = *(u64 *)(r3 + 0x30)
   364: r5 = 0x6168732f6374652f ll
   366: if r4 != r5 goto +0x5 <value.40>
   367: r4 = *(u16 *)(r3 + 0x38)
   368: if w4 != 0x6f64 goto +0x3 <value.40>
   369: r4 = *(u8 *)(r3 + 0x3a)
   370: if w4 != 0x77 goto +0x1 <value.40>
   371: goto +0x19 <next.37>
value.40:
; no-read-shadow.yaml:28: - /etc/shadow-
   372: if r2 != 0xc goto +0x7 <value.41>
   373: r4 = *(u64 *)(r3 + 0x30)
   374: r5 = 0x6168732f6374652f ll
   376: if r4 != r5 goto +0x3 <value.41>
   377: r4 = *(u32 *)(r3 + 0x38)
   378: if w4 != 0x2d776f64 goto +0x1 <value.41>
   379: goto +0x11 <next.37>
value.41:
; no-read-shadow.yaml:29: - /etc/gshadow
   380: if r2 != 0xc goto +0x7 <value.42>
   381: r4 = *(u64 *)(r3 + 0x30)
   382: r5 = 0x6873672f6374652f ll
   384: if r4 != r5 goto +0x3 <value.42>
   385: r4 = *(u32 *)(r3 + 0x38)
   386: if w4 != 0x776f6461 goto +0x1 <value.42>
   387: goto +0x9 <next.37>
value.42:
; no-read-shadow.yaml:30: - /etc/gshadow-
   388: if r2 != 0xd goto +0x14 <selector.6>
   389: r4 = *(u64 *)(r3 + 0x30)
   390: r5 = 0x6873672f6374652f ll
   392: if r4 != r5 goto +0x10 <selector.6>
   393: r4 = *(u32 *)(r3 + 0x38)
   394: if w4 != 0x776f6461 goto +0xe <selector.6>
   395: r4 = *(u8 *)(r3 + 0x3c)
   396: if w4 != 0x2d goto +0xc <selector.6>
next.37:
; no-read-shadow.yaml:61: - action: Override
   397: r9 = 0x500000000 ll
   399: *(u64 *)(r10 - 0x8) = -0xd
   400: r1 = *(u64 *)(r7 + 0xb0)
   401: if r1 == 0x0 goto +0x8 <act.5>
   402: r9 = 0x1000500000000 ll
   404: goto +0x5 <act.5>
unreadable.7:
; no-read-shadow.yaml:32: - operator: NotIn
   405: *(u64 *)(r7 + 0xb0) = 0x1
   406: goto -0x3b <next.8>
unreadable.36:
; no-read-shadow.yaml:24: - index: 0
   407: *(u64 *)(r7 + 0xb0) = 0x1
   408: goto -0xc <next.37>
selector.6:
; no-read-shadow.yaml:15: - hook: file_open
   409: goto +0x15 <policy.4>
act.5:
   410: r1 = r7
   411: r2 = r8
   412: r3 = 0x0
   413: r4 = r9
   414: r5 = *(u64 *)(r10 - 0x8)
   415: call rf_match
   416: r1 = *(u64 *)(r7 + 0xa8)
   417: if r1 != 0x0 goto +0x1 <kept.43>
   418: *(u64 *)(r7 + 0xa8) = r0
kept.43:
   419: r1 = *(u32 *)(r7 + 0x8)
   420: if r1 == 0x0 goto +0xa <policy.4>
   421: r1 = r7
   422: r2 = 0x0
   423: r3 = 0x0
   424: call rf_read_file
   425: r1 = r7
   426: r2 = 0x0
   427: r3 = 0x0
   428: call rf_tell_path
   429: r1 = r7
   430: call rf_tell_end
policy.4:
   431: r9 = *(u64 *)(r7 + 0xa8)
   432: r1 = r7
   433: call rf_scratch_release
   434: r0 = r9
   435: r0 <<= 0x20
   436: r0 s>>= 0x20
   437: if r0 s> 0x0 goto +0x2 <clamp.44>
   438: if r0 s< -0xfff goto +0x1 <clamp.44>
   439: exit
clamp.44:
   440: r0 = -0x1
   441: exit

