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
    17: r9 = *(u64 *)(r7 + 0xa0)
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
    29: *(u64 *)(r7 + 0xa0) = 0x0
    30: *(u64 *)(r7 + 0x98) = 0x0
    31: r1 = r7
    32: call rf_process_current
    33: r8 = r0
    34: r1 = *(u32 *)(r8 + 0x28)
    35: if r1 & 0x1 goto -0x13 <release>
    36: r1 = *(u64 *)(r6 + 0x0)
    37: *(u64 *)(r7 + 0x18) = r1
; no-read-shadow.yaml:23: - matchArgs:
    38: *(u64 *)(r7 + 0xa8) = 0x0
; no-read-shadow.yaml:32: - operator: NotIn
    39: r1 = *(u32 *)(r8 + 0x28)
    40: if r1 & 0x10 goto +0x16a <unreadable.7>
    41: r2 = *(u32 *)(r8 + 0x2c)
; no-read-shadow.yaml:34: - /usr/bin/chage
    42: if r2 != 0xe goto +0x9 <value.12>
    43: r4 = *(u64 *)(r8 + 0x40)
    44: r5 = 0x6e69622f7273752f ll
    46: if r4 != r5 goto +0x5 <value.12>
    47: r4 = *(u32 *)(r8 + 0x48)
    48: if w4 != 0x6168632f goto +0x3 <value.12>
    49: r4 = *(u16 *)(r8 + 0x4c)
    50: if w4 != 0x6567 goto +0x1 <value.12>
    51: goto +0x125 <binary.10>
value.12:
; no-read-shadow.yaml:35: - /usr/bin/gpasswd
    52: if r2 != 0x10 goto +0x9 <value.13>
    53: r4 = *(u64 *)(r8 + 0x40)
    54: r5 = 0x6e69622f7273752f ll
    56: if r4 != r5 goto +0x5 <value.13>
    57: r4 = *(u64 *)(r8 + 0x48)
    58: r5 = 0x647773736170672f ll
    60: if r4 != r5 goto +0x1 <value.13>
    61: goto +0x11b <binary.10>
value.13:
; no-read-shadow.yaml:36: - /usr/bin/login
    62: if r2 != 0xe goto +0x9 <value.14>
    63: r4 = *(u64 *)(r8 + 0x40)
    64: r5 = 0x6e69622f7273752f ll
    66: if r4 != r5 goto +0x5 <value.14>
    67: r4 = *(u32 *)(r8 + 0x48)
    68: if w4 != 0x676f6c2f goto +0x3 <value.14>
    69: r4 = *(u16 *)(r8 + 0x4c)
    70: if w4 != 0x6e69 goto +0x1 <value.14>
    71: goto +0x111 <binary.10>
value.14:
; no-read-shadow.yaml:37: - /usr/bin/newgrp
    72: if r2 != 0xf goto +0xb <value.15>
    73: r4 = *(u64 *)(r8 + 0x40)
    74: r5 = 0x6e69622f7273752f ll
    76: if r4 != r5 goto +0x7 <value.15>
    77: r4 = *(u32 *)(r8 + 0x48)
    78: if w4 != 0x77656e2f goto +0x5 <value.15>
    79: r4 = *(u16 *)(r8 + 0x4c)
    80: if w4 != 0x7267 goto +0x3 <value.15>
    81: r4 = *(u8 *)(r8 + 0x4e)
    82: if w4 != 0x70 goto +0x1 <value.15>
    83: goto +0x105 <binary.10>
value.15:
; no-read-shadow.yaml:38: - /usr/bin/passwd
    84: if r2 != 0xf goto +0xb <value.16>
    85: r4 = *(u64 *)(r8 + 0x40)
    86: r5 = 0x6e69622f7273752f ll
    88: if r4 != r5 goto +0x7 <value.16>
    89: r4 = *(u32 *)(r8 + 0x48)
    90: if w4 != 0x7361702f goto +0x5 <value.16>
    91: r4 = *(u16 *)(r8 + 0x4c)
    92: if w4 != 0x7773 goto +0x3 <value.16>
    93: r4 = *(u8 *)(r8 + 0x4e)
    94: if w4 != 0x64 goto +0x1 <value.16>
    95: goto +0xf9 <binary.10>
value.16:
; no-read-shadow.yaml:39: - /usr/bin/su
    96: if r2 != 0xb goto +0x9 <value.17>
    97: r4 = *(u64 *)(r8 + 0x40)
    98: r5 = 0x6e69622f7273752f ll
   100: if r4 != r5 goto +0x5 <value.17>
   101: r4 = *(u16 *)(r8 + 0x48)
   102: if w4 != 0x732f goto +0x3 <value.17>
   103: r4 = *(u8 *)(r8 + 0x4a)
   104: if w4 != 0x75 goto +0x1 <value.17>
   105: goto +0xef <binary.10>
value.17:
; no-read-shadow.yaml:40: - /usr/bin/sudo
   106: if r2 != 0xd goto +0x9 <value.18>
   107: r4 = *(u64 *)(r8 + 0x40)
   108: r5 = 0x6e69622f7273752f ll
   110: if r4 != r5 goto +0x5 <value.18>
   111: r4 = *(u32 *)(r8 + 0x48)
   112: if w4 != 0x6475732f goto +0x3 <value.18>
   113: r4 = *(u8 *)(r8 + 0x4c)
   114: if w4 != 0x6f goto +0x1 <value.18>
   115: goto +0xe5 <binary.10>
value.18:
; no-read-shadow.yaml:41: - /usr/bin/systemd-sysusers
   116: if r2 != 0x19 goto +0xf <value.19>
   117: r4 = *(u64 *)(r8 + 0x40)
   118: r5 = 0x6e69622f7273752f ll
   120: if r4 != r5 goto +0xb <value.19>
   121: r4 = *(u64 *)(r8 + 0x48)
   122: r5 = 0x646d65747379732f ll
   124: if r4 != r5 goto +0x7 <value.19>
   125: r4 = *(u64 *)(r8 + 0x50)
   126: r5 = 0x726573757379732d ll
   128: if r4 != r5 goto +0x3 <value.19>
   129: r4 = *(u8 *)(r8 + 0x58)
   130: if w4 != 0x73 goto +0x1 <value.19>
   131: goto +0xd5 <binary.10>
value.19:
; no-read-shadow.yaml:42: - /usr/lib/openssh/sshd-session
   132: if r2 != 0x1d goto +0x11 <value.20>
   133: r4 = *(u64 *)(r8 + 0x40)
   134: r5 = 0x62696c2f7273752f ll
   136: if r4 != r5 goto +0xd <value.20>
   137: r4 = *(u64 *)(r8 + 0x48)
   138: r5 = 0x6873736e65706f2f ll
   140: if r4 != r5 goto +0x9 <value.20>
   141: r4 = *(u64 *)(r8 + 0x50)
   142: r5 = 0x65732d646873732f ll
   144: if r4 != r5 goto +0x5 <value.20>
   145: r4 = *(u32 *)(r8 + 0x58)
   146: if w4 != 0x6f697373 goto +0x3 <value.20>
   147: r4 = *(u8 *)(r8 + 0x5c)
   148: if w4 != 0x6e goto +0x1 <value.20>
   149: goto +0xc3 <binary.10>
value.20:
; no-read-shadow.yaml:43: - /usr/lib/systemd/systemd
   150: if r2 != 0x18 goto +0xd <value.21>
   151: r4 = *(u64 *)(r8 + 0x40)
   152: r5 = 0x62696c2f7273752f ll
   154: if r4 != r5 goto +0x9 <value.21>
   155: r4 = *(u64 *)(r8 + 0x48)
   156: r5 = 0x646d65747379732f ll
   158: if r4 != r5 goto +0x5 <value.21>
   159: r4 = *(u64 *)(r8 + 0x50)
   160: r5 = 0x646d65747379732f ll
   162: if r4 != r5 goto +0x1 <value.21>
   163: goto +0xb5 <binary.10>
value.21:
; no-read-shadow.yaml:44: - /usr/lib/systemd/systemd-executor
   164: if r2 != 0x21 goto +0x13 <value.22>
   165: r4 = *(u64 *)(r8 + 0x40)
   166: r5 = 0x62696c2f7273752f ll
   168: if r4 != r5 goto +0xf <value.22>
   169: r4 = *(u64 *)(r8 + 0x48)
   170: r5 = 0x646d65747379732f ll
   172: if r4 != r5 goto +0xb <value.22>
   173: r4 = *(u64 *)(r8 + 0x50)
   174: r5 = 0x646d65747379732f ll
   176: if r4 != r5 goto +0x7 <value.22>
   177: r4 = *(u64 *)(r8 + 0x58)
   178: r5 = 0x6f7475636578652d ll
   180: if r4 != r5 goto +0x3 <value.22>
   181: r4 = *(u8 *)(r8 + 0x60)
   182: if w4 != 0x72 goto +0x1 <value.22>
   183: goto +0xa1 <binary.10>
value.22:
; no-read-shadow.yaml:45: - /usr/sbin/chpasswd
   184: if r2 != 0x12 goto +0xb <value.23>
   185: r4 = *(u64 *)(r8 + 0x40)
   186: r5 = 0x6962732f7273752f ll
   188: if r4 != r5 goto +0x7 <value.23>
   189: r4 = *(u64 *)(r8 + 0x48)
   190: r5 = 0x7373617068632f6e ll
   192: if r4 != r5 goto +0x3 <value.23>
   193: r4 = *(u16 *)(r8 + 0x50)
   194: if w4 != 0x6477 goto +0x1 <value.23>
   195: goto +0x95 <binary.10>
value.23:
; no-read-shadow.yaml:46: - /usr/sbin/cron
   196: if r2 != 0xe goto +0x9 <value.24>
   197: r4 = *(u64 *)(r8 + 0x40)
   198: r5 = 0x6962732f7273752f ll
   200: if r4 != r5 goto +0x5 <value.24>
   201: r4 = *(u32 *)(r8 + 0x48)
   202: if w4 != 0x72632f6e goto +0x3 <value.24>
   203: r4 = *(u16 *)(r8 + 0x4c)
   204: if w4 != 0x6e6f goto +0x1 <value.24>
   205: goto +0x8b <binary.10>
value.24:
; no-read-shadow.yaml:47: - /usr/sbin/groupadd
   206: if r2 != 0x12 goto +0xb <value.25>
   207: r4 = *(u64 *)(r8 + 0x40)
   208: r5 = 0x6962732f7273752f ll
   210: if r4 != r5 goto +0x7 <value.25>
   211: r4 = *(u64 *)(r8 + 0x48)
   212: r5 = 0x6170756f72672f6e ll
   214: if r4 != r5 goto +0x3 <value.25>
   215: r4 = *(u16 *)(r8 + 0x50)
   216: if w4 != 0x6464 goto +0x1 <value.25>
   217: goto +0x7f <binary.10>
value.25:
; no-read-shadow.yaml:48: - /usr/sbin/groupdel
   218: if r2 != 0x12 goto +0xb <value.26>
   219: r4 = *(u64 *)(r8 + 0x40)
   220: r5 = 0x6962732f7273752f ll
   222: if r4 != r5 goto +0x7 <value.26>
   223: r4 = *(u64 *)(r8 + 0x48)
   224: r5 = 0x6470756f72672f6e ll
   226: if r4 != r5 goto +0x3 <value.26>
   227: r4 = *(u16 *)(r8 + 0x50)
   228: if w4 != 0x6c65 goto +0x1 <value.26>
   229: goto +0x73 <binary.10>
value.26:
; no-read-shadow.yaml:49: - /usr/sbin/groupmod
   230: if r2 != 0x12 goto +0xb <value.27>
   231: r4 = *(u64 *)(r8 + 0x40)
   232: r5 = 0x6962732f7273752f ll
   234: if r4 != r5 goto +0x7 <value.27>
   235: r4 = *(u64 *)(r8 + 0x48)
   236: r5 = 0x6d70756f72672f6e ll
   238: if r4 != r5 goto +0x3 <value.27>
   239: r4 = *(u16 *)(r8 + 0x50)
   240: if w4 != 0x646f goto +0x1 <value.27>
   241: goto +0x67 <binary.10>
value.27:
; no-read-shadow.yaml:50: - /usr/sbin/grpck
   242: if r2 != 0xf goto +0xb <value.28>
   243: r4 = *(u64 *)(r8 + 0x40)
   244: r5 = 0x6962732f7273752f ll
   246: if r4 != r5 goto +0x7 <value.28>
   247: r4 = *(u32 *)(r8 + 0x48)
   248: if w4 != 0x72672f6e goto +0x5 <value.28>
   249: r4 = *(u16 *)(r8 + 0x4c)
   250: if w4 != 0x6370 goto +0x3 <value.28>
   251: r4 = *(u8 *)(r8 + 0x4e)
   252: if w4 != 0x6b goto +0x1 <value.28>
   253: goto +0x5b <binary.10>
value.28:
; no-read-shadow.yaml:51: - /usr/sbin/pwck
   254: if r2 != 0xe goto +0x9 <value.29>
   255: r4 = *(u64 *)(r8 + 0x40)
   256: r5 = 0x6962732f7273752f ll
   258: if r4 != r5 goto +0x5 <value.29>
   259: r4 = *(u32 *)(r8 + 0x48)
   260: if w4 != 0x77702f6e goto +0x3 <value.29>
   261: r4 = *(u16 *)(r8 + 0x4c)
   262: if w4 != 0x6b63 goto +0x1 <value.29>
   263: goto +0x51 <binary.10>
value.29:
; no-read-shadow.yaml:52: - /usr/sbin/runuser
   264: if r2 != 0x11 goto +0xb <value.30>
   265: r4 = *(u64 *)(r8 + 0x40)
   266: r5 = 0x6962732f7273752f ll
   268: if r4 != r5 goto +0x7 <value.30>
   269: r4 = *(u64 *)(r8 + 0x48)
   270: r5 = 0x6573756e75722f6e ll
   272: if r4 != r5 goto +0x3 <value.30>
   273: r4 = *(u8 *)(r8 + 0x50)
   274: if w4 != 0x72 goto +0x1 <value.30>
   275: goto +0x45 <binary.10>
value.30:
; no-read-shadow.yaml:53: - /usr/sbin/sshd
   276: if r2 != 0xe goto +0x9 <value.31>
   277: r4 = *(u64 *)(r8 + 0x40)
   278: r5 = 0x6962732f7273752f ll
   280: if r4 != r5 goto +0x5 <value.31>
   281: r4 = *(u32 *)(r8 + 0x48)
   282: if w4 != 0x73732f6e goto +0x3 <value.31>
   283: r4 = *(u16 *)(r8 + 0x4c)
   284: if w4 != 0x6468 goto +0x1 <value.31>
   285: goto +0x3b <binary.10>
value.31:
; no-read-shadow.yaml:54: - /usr/sbin/unix_chkpwd
   286: if r2 != 0x15 goto +0xd <value.32>
   287: r4 = *(u64 *)(r8 + 0x40)
   288: r5 = 0x6962732f7273752f ll
   290: if r4 != r5 goto +0x9 <value.32>
   291: r4 = *(u64 *)(r8 + 0x48)
   292: r5 = 0x635f78696e752f6e ll
   294: if r4 != r5 goto +0x5 <value.32>
   295: r4 = *(u32 *)(r8 + 0x50)
   296: if w4 != 0x77706b68 goto +0x3 <value.32>
   297: r4 = *(u8 *)(r8 + 0x54)
   298: if w4 != 0x64 goto +0x1 <value.32>
   299: goto +0x2d <binary.10>
value.32:
; no-read-shadow.yaml:55: - /usr/sbin/useradd
   300: if r2 != 0x11 goto +0xb <value.33>
   301: r4 = *(u64 *)(r8 + 0x40)
   302: r5 = 0x6962732f7273752f ll
   304: if r4 != r5 goto +0x7 <value.33>
   305: r4 = *(u64 *)(r8 + 0x48)
   306: r5 = 0x6461726573752f6e ll
   308: if r4 != r5 goto +0x3 <value.33>
   309: r4 = *(u8 *)(r8 + 0x50)
   310: if w4 != 0x64 goto +0x1 <value.33>
   311: goto +0x21 <binary.10>
value.33:
; no-read-shadow.yaml:56: - /usr/sbin/userdel
   312: if r2 != 0x11 goto +0xb <value.34>
   313: r4 = *(u64 *)(r8 + 0x40)
   314: r5 = 0x6962732f7273752f ll
   316: if r4 != r5 goto +0x7 <value.34>
   317: r4 = *(u64 *)(r8 + 0x48)
   318: r5 = 0x6564726573752f6e ll
   320: if r4 != r5 goto +0x3 <value.34>
   321: r4 = *(u8 *)(r8 + 0x50)
   322: if w4 != 0x6c goto +0x1 <value.34>
   323: goto +0x15 <binary.10>
value.34:
; no-read-shadow.yaml:57: - /usr/sbin/usermod
   324: if r2 != 0x11 goto +0xb <value.35>
   325: r4 = *(u64 *)(r8 + 0x40)
   326: r5 = 0x6962732f7273752f ll
   328: if r4 != r5 goto +0x7 <value.35>
   329: r4 = *(u64 *)(r8 + 0x48)
   330: r5 = 0x6f6d726573752f6e ll
   332: if r4 != r5 goto +0x3 <value.35>
   333: r4 = *(u8 *)(r8 + 0x50)
   334: if w4 != 0x64 goto +0x1 <value.35>
   335: goto +0x9 <binary.10>
value.35:
; no-read-shadow.yaml:58: - /usr/sbin/vipw
   336: if r2 != 0xe goto +0x9 <next.8>
   337: r4 = *(u64 *)(r8 + 0x40)
   338: r5 = 0x6962732f7273752f ll
   340: if r4 != r5 goto +0x5 <next.8>
   341: r4 = *(u32 *)(r8 + 0x48)
   342: if w4 != 0x69762f6e goto +0x3 <next.8>
   343: r4 = *(u16 *)(r8 + 0x4c)
   344: if w4 != 0x7770 goto +0x1 <next.8>
binary.10:
; no-read-shadow.yaml:32: - operator: NotIn
   345: goto +0x3d <selector.6>
next.8:
; no-read-shadow.yaml:24: - index: 0
   346: r1 = r7
   347: r2 = 0x0
   348: r3 = 0x0
   349: call rf_read_file
   350: r9 = r7
   351: r9 += 0x948
   352: if r0 != 0x0 goto +0x34 <unreadable.36>
   353: r4 = *(u32 *)(r9 + 0x0)
   354: if r4 & 0x2 goto +0x34 <selector.6>
   355: r2 = *(u32 *)(r9 + 0x8)
   356: r4 = *(u32 *)(r9 + 0x4)
   357: if r4 > 0x1000 goto +0x2f <unreadable.36>
   358: r3 = r9
   359: r3 += r4
; no-read-shadow.yaml:27: - /etc/shadow
   360: if r2 != 0xb goto +0x9 <value.40>
   361: r4 = *(u64 *)(r3 + 0x28)
   362: r5 = 0x6168732f6374652f ll
   364: if r4 != r5 goto +0x5 <value.40>
   365: r4 = *(u16 *)(r3 + 0x30)
   366: if w4 != 0x6f64 goto +0x3 <value.40>
   367: r4 = *(u8 *)(r3 + 0x32)
   368: if w4 != 0x77 goto +0x1 <value.40>
   369: goto +0x19 <next.37>
value.40:
; no-read-shadow.yaml:28: - /etc/shadow-
   370: if r2 != 0xc goto +0x7 <value.41>
   371: r4 = *(u64 *)(r3 + 0x28)
   372: r5 = 0x6168732f6374652f ll
   374: if r4 != r5 goto +0x3 <value.41>
   375: r4 = *(u32 *)(r3 + 0x30)
   376: if w4 != 0x2d776f64 goto +0x1 <value.41>
   377: goto +0x11 <next.37>
value.41:
; no-read-shadow.yaml:29: - /etc/gshadow
   378: if r2 != 0xc goto +0x7 <value.42>
   379: r4 = *(u64 *)(r3 + 0x28)
   380: r5 = 0x6873672f6374652f ll
   382: if r4 != r5 goto +0x3 <value.42>
   383: r4 = *(u32 *)(r3 + 0x30)
   384: if w4 != 0x776f6461 goto +0x1 <value.42>
   385: goto +0x9 <next.37>
value.42:
; no-read-shadow.yaml:30: - /etc/gshadow-
   386: if r2 != 0xd goto +0x14 <selector.6>
   387: r4 = *(u64 *)(r3 + 0x28)
   388: r5 = 0x6873672f6374652f ll
   390: if r4 != r5 goto +0x10 <selector.6>
   391: r4 = *(u32 *)(r3 + 0x30)
   392: if w4 != 0x776f6461 goto +0xe <selector.6>
   393: r4 = *(u8 *)(r3 + 0x34)
   394: if w4 != 0x2d goto +0xc <selector.6>
next.37:
; no-read-shadow.yaml:61: - action: Override
   395: r9 = 0x500000000 ll
   397: *(u64 *)(r10 - 0x8) = -0xd
   398: r1 = *(u64 *)(r7 + 0xa8)
   399: if r1 == 0x0 goto +0x8 <act.5>
   400: r9 = 0x1000500000000 ll
   402: goto +0x5 <act.5>
unreadable.7:
; no-read-shadow.yaml:32: - operator: NotIn
   403: *(u64 *)(r7 + 0xa8) = 0x1
   404: goto -0x3b <next.8>
unreadable.36:
; no-read-shadow.yaml:24: - index: 0
   405: *(u64 *)(r7 + 0xa8) = 0x1
   406: goto -0xc <next.37>
selector.6:
; no-read-shadow.yaml:15: - hook: file_open
   407: goto +0x15 <policy.4>
act.5:
   408: r1 = r7
   409: r2 = r8
   410: r3 = 0x0
   411: r4 = r9
   412: r5 = *(u64 *)(r10 - 0x8)
   413: call rf_match
   414: r1 = *(u64 *)(r7 + 0xa0)
   415: if r1 != 0x0 goto +0x1 <kept.43>
   416: *(u64 *)(r7 + 0xa0) = r0
kept.43:
   417: r1 = *(u32 *)(r7 + 0x8)
   418: if r1 == 0x0 goto +0xa <policy.4>
   419: r1 = r7
   420: r2 = 0x0
   421: r3 = 0x0
   422: call rf_read_file
   423: r1 = r7
   424: r2 = 0x0
   425: r3 = 0x0
   426: call rf_tell_path
   427: r1 = r7
   428: call rf_tell_end
policy.4:
   429: r9 = *(u64 *)(r7 + 0xa0)
   430: r1 = r7
   431: call rf_scratch_release
   432: r0 = r9
   433: r0 <<= 0x20
   434: r0 s>>= 0x20
   435: if r0 s> 0x0 goto +0x2 <clamp.44>
   436: if r0 s< -0xfff goto +0x1 <clamp.44>
   437: exit
clamp.44:
   438: r0 = -0x1
   439: exit

