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
    41: if r1 & 0x10 goto +0x16a <unreadable.7>
    42: r2 = *(u32 *)(r8 + 0x2c)
; no-read-shadow.yaml:34: - /usr/bin/chage
    43: if r2 != 0xe goto +0x9 <value.12>
    44: r4 = *(u64 *)(r8 + 0x40)
    45: r5 = 0x6e69622f7273752f ll
    47: if r4 != r5 goto +0x5 <value.12>
    48: r4 = *(u32 *)(r8 + 0x48)
    49: if w4 != 0x6168632f goto +0x3 <value.12>
    50: r4 = *(u16 *)(r8 + 0x4c)
    51: if w4 != 0x6567 goto +0x1 <value.12>
    52: goto +0x125 <binary.10>
value.12:
; no-read-shadow.yaml:35: - /usr/bin/gpasswd
    53: if r2 != 0x10 goto +0x9 <value.13>
    54: r4 = *(u64 *)(r8 + 0x40)
    55: r5 = 0x6e69622f7273752f ll
    57: if r4 != r5 goto +0x5 <value.13>
    58: r4 = *(u64 *)(r8 + 0x48)
    59: r5 = 0x647773736170672f ll
    61: if r4 != r5 goto +0x1 <value.13>
    62: goto +0x11b <binary.10>
value.13:
; no-read-shadow.yaml:36: - /usr/bin/login
    63: if r2 != 0xe goto +0x9 <value.14>
    64: r4 = *(u64 *)(r8 + 0x40)
    65: r5 = 0x6e69622f7273752f ll
    67: if r4 != r5 goto +0x5 <value.14>
    68: r4 = *(u32 *)(r8 + 0x48)
    69: if w4 != 0x676f6c2f goto +0x3 <value.14>
    70: r4 = *(u16 *)(r8 + 0x4c)
    71: if w4 != 0x6e69 goto +0x1 <value.14>
    72: goto +0x111 <binary.10>
value.14:
; no-read-shadow.yaml:37: - /usr/bin/newgrp
    73: if r2 != 0xf goto +0xb <value.15>
    74: r4 = *(u64 *)(r8 + 0x40)
    75: r5 = 0x6e69622f7273752f ll
    77: if r4 != r5 goto +0x7 <value.15>
    78: r4 = *(u32 *)(r8 + 0x48)
    79: if w4 != 0x77656e2f goto +0x5 <value.15>
    80: r4 = *(u16 *)(r8 + 0x4c)
    81: if w4 != 0x7267 goto +0x3 <value.15>
    82: r4 = *(u8 *)(r8 + 0x4e)
    83: if w4 != 0x70 goto +0x1 <value.15>
    84: goto +0x105 <binary.10>
value.15:
; no-read-shadow.yaml:38: - /usr/bin/passwd
    85: if r2 != 0xf goto +0xb <value.16>
    86: r4 = *(u64 *)(r8 + 0x40)
    87: r5 = 0x6e69622f7273752f ll
    89: if r4 != r5 goto +0x7 <value.16>
    90: r4 = *(u32 *)(r8 + 0x48)
    91: if w4 != 0x7361702f goto +0x5 <value.16>
    92: r4 = *(u16 *)(r8 + 0x4c)
    93: if w4 != 0x7773 goto +0x3 <value.16>
    94: r4 = *(u8 *)(r8 + 0x4e)
    95: if w4 != 0x64 goto +0x1 <value.16>
    96: goto +0xf9 <binary.10>
value.16:
; no-read-shadow.yaml:39: - /usr/bin/su
    97: if r2 != 0xb goto +0x9 <value.17>
    98: r4 = *(u64 *)(r8 + 0x40)
    99: r5 = 0x6e69622f7273752f ll
   101: if r4 != r5 goto +0x5 <value.17>
   102: r4 = *(u16 *)(r8 + 0x48)
   103: if w4 != 0x732f goto +0x3 <value.17>
   104: r4 = *(u8 *)(r8 + 0x4a)
   105: if w4 != 0x75 goto +0x1 <value.17>
   106: goto +0xef <binary.10>
value.17:
; no-read-shadow.yaml:40: - /usr/bin/sudo
   107: if r2 != 0xd goto +0x9 <value.18>
   108: r4 = *(u64 *)(r8 + 0x40)
   109: r5 = 0x6e69622f7273752f ll
   111: if r4 != r5 goto +0x5 <value.18>
   112: r4 = *(u32 *)(r8 + 0x48)
   113: if w4 != 0x6475732f goto +0x3 <value.18>
   114: r4 = *(u8 *)(r8 + 0x4c)
   115: if w4 != 0x6f goto +0x1 <value.18>
   116: goto +0xe5 <binary.10>
value.18:
; no-read-shadow.yaml:41: - /usr/bin/systemd-sysusers
   117: if r2 != 0x19 goto +0xf <value.19>
   118: r4 = *(u64 *)(r8 + 0x40)
   119: r5 = 0x6e69622f7273752f ll
   121: if r4 != r5 goto +0xb <value.19>
   122: r4 = *(u64 *)(r8 + 0x48)
   123: r5 = 0x646d65747379732f ll
   125: if r4 != r5 goto +0x7 <value.19>
   126: r4 = *(u64 *)(r8 + 0x50)
   127: r5 = 0x726573757379732d ll
   129: if r4 != r5 goto +0x3 <value.19>
   130: r4 = *(u8 *)(r8 + 0x58)
   131: if w4 != 0x73 goto +0x1 <value.19>
   132: goto +0xd5 <binary.10>
value.19:
; no-read-shadow.yaml:42: - /usr/lib/openssh/sshd-session
   133: if r2 != 0x1d goto +0x11 <value.20>
   134: r4 = *(u64 *)(r8 + 0x40)
   135: r5 = 0x62696c2f7273752f ll
   137: if r4 != r5 goto +0xd <value.20>
   138: r4 = *(u64 *)(r8 + 0x48)
   139: r5 = 0x6873736e65706f2f ll
   141: if r4 != r5 goto +0x9 <value.20>
   142: r4 = *(u64 *)(r8 + 0x50)
   143: r5 = 0x65732d646873732f ll
   145: if r4 != r5 goto +0x5 <value.20>
   146: r4 = *(u32 *)(r8 + 0x58)
   147: if w4 != 0x6f697373 goto +0x3 <value.20>
   148: r4 = *(u8 *)(r8 + 0x5c)
   149: if w4 != 0x6e goto +0x1 <value.20>
   150: goto +0xc3 <binary.10>
value.20:
; no-read-shadow.yaml:43: - /usr/lib/systemd/systemd
   151: if r2 != 0x18 goto +0xd <value.21>
   152: r4 = *(u64 *)(r8 + 0x40)
   153: r5 = 0x62696c2f7273752f ll
   155: if r4 != r5 goto +0x9 <value.21>
   156: r4 = *(u64 *)(r8 + 0x48)
   157: r5 = 0x646d65747379732f ll
   159: if r4 != r5 goto +0x5 <value.21>
   160: r4 = *(u64 *)(r8 + 0x50)
   161: r5 = 0x646d65747379732f ll
   163: if r4 != r5 goto +0x1 <value.21>
   164: goto +0xb5 <binary.10>
value.21:
; no-read-shadow.yaml:44: - /usr/lib/systemd/systemd-executor
   165: if r2 != 0x21 goto +0x13 <value.22>
   166: r4 = *(u64 *)(r8 + 0x40)
   167: r5 = 0x62696c2f7273752f ll
   169: if r4 != r5 goto +0xf <value.22>
   170: r4 = *(u64 *)(r8 + 0x48)
   171: r5 = 0x646d65747379732f ll
   173: if r4 != r5 goto +0xb <value.22>
   174: r4 = *(u64 *)(r8 + 0x50)
   175: r5 = 0x646d65747379732f ll
   177: if r4 != r5 goto +0x7 <value.22>
   178: r4 = *(u64 *)(r8 + 0x58)
   179: r5 = 0x6f7475636578652d ll
   181: if r4 != r5 goto +0x3 <value.22>
   182: r4 = *(u8 *)(r8 + 0x60)
   183: if w4 != 0x72 goto +0x1 <value.22>
   184: goto +0xa1 <binary.10>
value.22:
; no-read-shadow.yaml:45: - /usr/sbin/chpasswd
   185: if r2 != 0x12 goto +0xb <value.23>
   186: r4 = *(u64 *)(r8 + 0x40)
   187: r5 = 0x6962732f7273752f ll
   189: if r4 != r5 goto +0x7 <value.23>
   190: r4 = *(u64 *)(r8 + 0x48)
   191: r5 = 0x7373617068632f6e ll
   193: if r4 != r5 goto +0x3 <value.23>
   194: r4 = *(u16 *)(r8 + 0x50)
   195: if w4 != 0x6477 goto +0x1 <value.23>
   196: goto +0x95 <binary.10>
value.23:
; no-read-shadow.yaml:46: - /usr/sbin/cron
   197: if r2 != 0xe goto +0x9 <value.24>
   198: r4 = *(u64 *)(r8 + 0x40)
   199: r5 = 0x6962732f7273752f ll
   201: if r4 != r5 goto +0x5 <value.24>
   202: r4 = *(u32 *)(r8 + 0x48)
   203: if w4 != 0x72632f6e goto +0x3 <value.24>
   204: r4 = *(u16 *)(r8 + 0x4c)
   205: if w4 != 0x6e6f goto +0x1 <value.24>
   206: goto +0x8b <binary.10>
value.24:
; no-read-shadow.yaml:47: - /usr/sbin/groupadd
   207: if r2 != 0x12 goto +0xb <value.25>
   208: r4 = *(u64 *)(r8 + 0x40)
   209: r5 = 0x6962732f7273752f ll
   211: if r4 != r5 goto +0x7 <value.25>
   212: r4 = *(u64 *)(r8 + 0x48)
   213: r5 = 0x6170756f72672f6e ll
   215: if r4 != r5 goto +0x3 <value.25>
   216: r4 = *(u16 *)(r8 + 0x50)
   217: if w4 != 0x6464 goto +0x1 <value.25>
   218: goto +0x7f <binary.10>
value.25:
; no-read-shadow.yaml:48: - /usr/sbin/groupdel
   219: if r2 != 0x12 goto +0xb <value.26>
   220: r4 = *(u64 *)(r8 + 0x40)
   221: r5 = 0x6962732f7273752f ll
   223: if r4 != r5 goto +0x7 <value.26>
   224: r4 = *(u64 *)(r8 + 0x48)
   225: r5 = 0x6470756f72672f6e ll
   227: if r4 != r5 goto +0x3 <value.26>
   228: r4 = *(u16 *)(r8 + 0x50)
   229: if w4 != 0x6c65 goto +0x1 <value.26>
   230: goto +0x73 <binary.10>
value.26:
; no-read-shadow.yaml:49: - /usr/sbin/groupmod
   231: if r2 != 0x12 goto +0xb <value.27>
   232: r4 = *(u64 *)(r8 + 0x40)
   233: r5 = 0x6962732f7273752f ll
   235: if r4 != r5 goto +0x7 <value.27>
   236: r4 = *(u64 *)(r8 + 0x48)
   237: r5 = 0x6d70756f72672f6e ll
   239: if r4 != r5 goto +0x3 <value.27>
   240: r4 = *(u16 *)(r8 + 0x50)
   241: if w4 != 0x646f goto +0x1 <value.27>
   242: goto +0x67 <binary.10>
value.27:
; no-read-shadow.yaml:50: - /usr/sbin/grpck
   243: if r2 != 0xf goto +0xb <value.28>
   244: r4 = *(u64 *)(r8 + 0x40)
   245: r5 = 0x6962732f7273752f ll
   247: if r4 != r5 goto +0x7 <value.28>
   248: r4 = *(u32 *)(r8 + 0x48)
   249: if w4 != 0x72672f6e goto +0x5 <value.28>
   250: r4 = *(u16 *)(r8 + 0x4c)
   251: if w4 != 0x6370 goto +0x3 <value.28>
   252: r4 = *(u8 *)(r8 + 0x4e)
   253: if w4 != 0x6b goto +0x1 <value.28>
   254: goto +0x5b <binary.10>
value.28:
; no-read-shadow.yaml:51: - /usr/sbin/pwck
   255: if r2 != 0xe goto +0x9 <value.29>
   256: r4 = *(u64 *)(r8 + 0x40)
   257: r5 = 0x6962732f7273752f ll
   259: if r4 != r5 goto +0x5 <value.29>
   260: r4 = *(u32 *)(r8 + 0x48)
   261: if w4 != 0x77702f6e goto +0x3 <value.29>
   262: r4 = *(u16 *)(r8 + 0x4c)
   263: if w4 != 0x6b63 goto +0x1 <value.29>
   264: goto +0x51 <binary.10>
value.29:
; no-read-shadow.yaml:52: - /usr/sbin/runuser
   265: if r2 != 0x11 goto +0xb <value.30>
   266: r4 = *(u64 *)(r8 + 0x40)
   267: r5 = 0x6962732f7273752f ll
   269: if r4 != r5 goto +0x7 <value.30>
   270: r4 = *(u64 *)(r8 + 0x48)
   271: r5 = 0x6573756e75722f6e ll
   273: if r4 != r5 goto +0x3 <value.30>
   274: r4 = *(u8 *)(r8 + 0x50)
   275: if w4 != 0x72 goto +0x1 <value.30>
   276: goto +0x45 <binary.10>
value.30:
; no-read-shadow.yaml:53: - /usr/sbin/sshd
   277: if r2 != 0xe goto +0x9 <value.31>
   278: r4 = *(u64 *)(r8 + 0x40)
   279: r5 = 0x6962732f7273752f ll
   281: if r4 != r5 goto +0x5 <value.31>
   282: r4 = *(u32 *)(r8 + 0x48)
   283: if w4 != 0x73732f6e goto +0x3 <value.31>
   284: r4 = *(u16 *)(r8 + 0x4c)
   285: if w4 != 0x6468 goto +0x1 <value.31>
   286: goto +0x3b <binary.10>
value.31:
; no-read-shadow.yaml:54: - /usr/sbin/unix_chkpwd
   287: if r2 != 0x15 goto +0xd <value.32>
   288: r4 = *(u64 *)(r8 + 0x40)
   289: r5 = 0x6962732f7273752f ll
   291: if r4 != r5 goto +0x9 <value.32>
   292: r4 = *(u64 *)(r8 + 0x48)
   293: r5 = 0x635f78696e752f6e ll
   295: if r4 != r5 goto +0x5 <value.32>
   296: r4 = *(u32 *)(r8 + 0x50)
   297: if w4 != 0x77706b68 goto +0x3 <value.32>
   298: r4 = *(u8 *)(r8 + 0x54)
   299: if w4 != 0x64 goto +0x1 <value.32>
   300: goto +0x2d <binary.10>
value.32:
; no-read-shadow.yaml:55: - /usr/sbin/useradd
   301: if r2 != 0x11 goto +0xb <value.33>
   302: r4 = *(u64 *)(r8 + 0x40)
   303: r5 = 0x6962732f7273752f ll
   305: if r4 != r5 goto +0x7 <value.33>
   306: r4 = *(u64 *)(r8 + 0x48)
   307: r5 = 0x6461726573752f6e ll
   309: if r4 != r5 goto +0x3 <value.33>
   310: r4 = *(u8 *)(r8 + 0x50)
   311: if w4 != 0x64 goto +0x1 <value.33>
   312: goto +0x21 <binary.10>
value.33:
; no-read-shadow.yaml:56: - /usr/sbin/userdel
   313: if r2 != 0x11 goto +0xb <value.34>
   314: r4 = *(u64 *)(r8 + 0x40)
   315: r5 = 0x6962732f7273752f ll
   317: if r4 != r5 goto +0x7 <value.34>
   318: r4 = *(u64 *)(r8 + 0x48)
   319: r5 = 0x6564726573752f6e ll
   321: if r4 != r5 goto +0x3 <value.34>
   322: r4 = *(u8 *)(r8 + 0x50)
   323: if w4 != 0x6c goto +0x1 <value.34>
   324: goto +0x15 <binary.10>
value.34:
; no-read-shadow.yaml:57: - /usr/sbin/usermod
   325: if r2 != 0x11 goto +0xb <value.35>
   326: r4 = *(u64 *)(r8 + 0x40)
   327: r5 = 0x6962732f7273752f ll
   329: if r4 != r5 goto +0x7 <value.35>
   330: r4 = *(u64 *)(r8 + 0x48)
   331: r5 = 0x6f6d726573752f6e ll
   333: if r4 != r5 goto +0x3 <value.35>
   334: r4 = *(u8 *)(r8 + 0x50)
   335: if w4 != 0x64 goto +0x1 <value.35>
   336: goto +0x9 <binary.10>
value.35:
; no-read-shadow.yaml:58: - /usr/sbin/vipw
   337: if r2 != 0xe goto +0x9 <next.8>
   338: r4 = *(u64 *)(r8 + 0x40)
   339: r5 = 0x6962732f7273752f ll
   341: if r4 != r5 goto +0x5 <next.8>
   342: r4 = *(u32 *)(r8 + 0x48)
   343: if w4 != 0x69762f6e goto +0x3 <next.8>
   344: r4 = *(u16 *)(r8 + 0x4c)
   345: if w4 != 0x7770 goto +0x1 <next.8>
binary.10:
; no-read-shadow.yaml:32: - operator: NotIn
   346: goto +0x3d <selector.6>
next.8:
; no-read-shadow.yaml:24: - index: 0
   347: r1 = r7
   348: r2 = 0x0
   349: r3 = 0x0
   350: call rf_read_file
   351: r9 = r7
   352: r9 += 0x9f0
   353: if r0 != 0x0 goto +0x34 <unreadable.36>
   354: r4 = *(u32 *)(r9 + 0x0)
   355: if r4 & 0x2 goto +0x34 <selector.6>
   356: r2 = *(u32 *)(r9 + 0x8)
   357: r4 = *(u32 *)(r9 + 0x4)
   358: if r4 > 0x1000 goto +0x2f <unreadable.36>
   359: r3 = r9
   360: r3 += r4
; no-read-shadow.yaml:27: - /etc/shadow
   361: if r2 != 0xb goto +0x9 <value.40>
   362: r4 = *(u64 *)(r3 + 0x30)
   363: r5 = 0x6168732f6374652f ll
   365: if r4 != r5 goto +0x5 <value.40>
   366: r4 = *(u16 *)(r3 + 0x38)
   367: if w4 != 0x6f64 goto +0x3 <value.40>
   368: r4 = *(u8 *)(r3 + 0x3a)
   369: if w4 != 0x77 goto +0x1 <value.40>
   370: goto +0x19 <next.37>
value.40:
; no-read-shadow.yaml:28: - /etc/shadow-
   371: if r2 != 0xc goto +0x7 <value.41>
   372: r4 = *(u64 *)(r3 + 0x30)
   373: r5 = 0x6168732f6374652f ll
   375: if r4 != r5 goto +0x3 <value.41>
   376: r4 = *(u32 *)(r3 + 0x38)
   377: if w4 != 0x2d776f64 goto +0x1 <value.41>
   378: goto +0x11 <next.37>
value.41:
; no-read-shadow.yaml:29: - /etc/gshadow
   379: if r2 != 0xc goto +0x7 <value.42>
   380: r4 = *(u64 *)(r3 + 0x30)
   381: r5 = 0x6873672f6374652f ll
   383: if r4 != r5 goto +0x3 <value.42>
   384: r4 = *(u32 *)(r3 + 0x38)
   385: if w4 != 0x776f6461 goto +0x1 <value.42>
   386: goto +0x9 <next.37>
value.42:
; no-read-shadow.yaml:30: - /etc/gshadow-
   387: if r2 != 0xd goto +0x14 <selector.6>
   388: r4 = *(u64 *)(r3 + 0x30)
   389: r5 = 0x6873672f6374652f ll
   391: if r4 != r5 goto +0x10 <selector.6>
   392: r4 = *(u32 *)(r3 + 0x38)
   393: if w4 != 0x776f6461 goto +0xe <selector.6>
   394: r4 = *(u8 *)(r3 + 0x3c)
   395: if w4 != 0x2d goto +0xc <selector.6>
next.37:
; no-read-shadow.yaml:61: - action: Override
   396: r9 = 0x500000000 ll
   398: *(u64 *)(r10 - 0x8) = -0xd
   399: r1 = *(u64 *)(r7 + 0xb0)
   400: if r1 == 0x0 goto +0x8 <act.5>
   401: r9 = 0x1000500000000 ll
   403: goto +0x5 <act.5>
unreadable.7:
; no-read-shadow.yaml:32: - operator: NotIn
   404: *(u64 *)(r7 + 0xb0) = 0x1
   405: goto -0x3b <next.8>
unreadable.36:
; no-read-shadow.yaml:24: - index: 0
   406: *(u64 *)(r7 + 0xb0) = 0x1
   407: goto -0xc <next.37>
selector.6:
; no-read-shadow.yaml:15: - hook: file_open
   408: goto +0x15 <policy.4>
act.5:
   409: r1 = r7
   410: r2 = r8
   411: r3 = 0x0
   412: r4 = r9
   413: r5 = *(u64 *)(r10 - 0x8)
   414: call rf_match
   415: r1 = *(u64 *)(r7 + 0xa8)
   416: if r1 != 0x0 goto +0x1 <kept.43>
   417: *(u64 *)(r7 + 0xa8) = r0
kept.43:
   418: r1 = *(u32 *)(r7 + 0x8)
   419: if r1 == 0x0 goto +0xa <policy.4>
   420: r1 = r7
   421: r2 = 0x0
   422: r3 = 0x0
   423: call rf_read_file
   424: r1 = r7
   425: r2 = 0x0
   426: r3 = 0x0
   427: call rf_tell_path
   428: r1 = r7
   429: call rf_tell_end
policy.4:
   430: r9 = *(u64 *)(r7 + 0xa8)
   431: r1 = r7
   432: call rf_scratch_release
   433: r0 = r9
   434: r0 <<= 0x20
   435: r0 s>>= 0x20
   436: if r0 s> 0x0 goto +0x2 <clamp.44>
   437: if r0 s< -0xfff goto +0x1 <clamp.44>
   438: exit
clamp.44:
   439: r0 = -0x1
   440: exit

