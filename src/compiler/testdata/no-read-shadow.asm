lsm/file_open
; no-read-shadow.yaml:15: - hook: file_open
     0: r6 = r1
     1: call rf_process_known
     2: r8 = r0
     3: if r8 == 0x0 goto +0x138 <process open>
     4: r1 = *(u32 *)(r8 + 0x28)
     5: if r1 & 0x1 goto +0x135 <exempt.1>
; no-read-shadow.yaml:32: - operator: NotIn
     6: r1 = *(u32 *)(r8 + 0x28)
     7: if r1 & 0x10 goto +0x134 <process open>
     8: if r1 & 0x40 goto +0x131 <not.3>
     9: r2 = *(u32 *)(r8 + 0x2c)
; no-read-shadow.yaml:34: - /usr/bin/chage
    10: if r2 != 0xe goto +0x9 <value.6>
    11: r4 = *(u64 *)(r8 + 0x40)
    12: r5 = 0x6e69622f7273752f ll
    14: if r4 != r5 goto +0x5 <value.6>
    15: r4 = *(u32 *)(r8 + 0x48)
    16: if w4 != 0x6168632f goto +0x3 <value.6>
    17: r4 = *(u16 *)(r8 + 0x4c)
    18: if w4 != 0x6567 goto +0x1 <value.6>
    19: goto +0x125 <binary.4>
value.6:
; no-read-shadow.yaml:35: - /usr/bin/gpasswd
    20: if r2 != 0x10 goto +0x9 <value.7>
    21: r4 = *(u64 *)(r8 + 0x40)
    22: r5 = 0x6e69622f7273752f ll
    24: if r4 != r5 goto +0x5 <value.7>
    25: r4 = *(u64 *)(r8 + 0x48)
    26: r5 = 0x647773736170672f ll
    28: if r4 != r5 goto +0x1 <value.7>
    29: goto +0x11b <binary.4>
value.7:
; no-read-shadow.yaml:36: - /usr/bin/login
    30: if r2 != 0xe goto +0x9 <value.8>
    31: r4 = *(u64 *)(r8 + 0x40)
    32: r5 = 0x6e69622f7273752f ll
    34: if r4 != r5 goto +0x5 <value.8>
    35: r4 = *(u32 *)(r8 + 0x48)
    36: if w4 != 0x676f6c2f goto +0x3 <value.8>
    37: r4 = *(u16 *)(r8 + 0x4c)
    38: if w4 != 0x6e69 goto +0x1 <value.8>
    39: goto +0x111 <binary.4>
value.8:
; no-read-shadow.yaml:37: - /usr/bin/newgrp
    40: if r2 != 0xf goto +0xb <value.9>
    41: r4 = *(u64 *)(r8 + 0x40)
    42: r5 = 0x6e69622f7273752f ll
    44: if r4 != r5 goto +0x7 <value.9>
    45: r4 = *(u32 *)(r8 + 0x48)
    46: if w4 != 0x77656e2f goto +0x5 <value.9>
    47: r4 = *(u16 *)(r8 + 0x4c)
    48: if w4 != 0x7267 goto +0x3 <value.9>
    49: r4 = *(u8 *)(r8 + 0x4e)
    50: if w4 != 0x70 goto +0x1 <value.9>
    51: goto +0x105 <binary.4>
value.9:
; no-read-shadow.yaml:38: - /usr/bin/passwd
    52: if r2 != 0xf goto +0xb <value.10>
    53: r4 = *(u64 *)(r8 + 0x40)
    54: r5 = 0x6e69622f7273752f ll
    56: if r4 != r5 goto +0x7 <value.10>
    57: r4 = *(u32 *)(r8 + 0x48)
    58: if w4 != 0x7361702f goto +0x5 <value.10>
    59: r4 = *(u16 *)(r8 + 0x4c)
    60: if w4 != 0x7773 goto +0x3 <value.10>
    61: r4 = *(u8 *)(r8 + 0x4e)
    62: if w4 != 0x64 goto +0x1 <value.10>
    63: goto +0xf9 <binary.4>
value.10:
; no-read-shadow.yaml:39: - /usr/bin/su
    64: if r2 != 0xb goto +0x9 <value.11>
    65: r4 = *(u64 *)(r8 + 0x40)
    66: r5 = 0x6e69622f7273752f ll
    68: if r4 != r5 goto +0x5 <value.11>
    69: r4 = *(u16 *)(r8 + 0x48)
    70: if w4 != 0x732f goto +0x3 <value.11>
    71: r4 = *(u8 *)(r8 + 0x4a)
    72: if w4 != 0x75 goto +0x1 <value.11>
    73: goto +0xef <binary.4>
value.11:
; no-read-shadow.yaml:40: - /usr/bin/sudo
    74: if r2 != 0xd goto +0x9 <value.12>
    75: r4 = *(u64 *)(r8 + 0x40)
    76: r5 = 0x6e69622f7273752f ll
    78: if r4 != r5 goto +0x5 <value.12>
    79: r4 = *(u32 *)(r8 + 0x48)
    80: if w4 != 0x6475732f goto +0x3 <value.12>
    81: r4 = *(u8 *)(r8 + 0x4c)
    82: if w4 != 0x6f goto +0x1 <value.12>
    83: goto +0xe5 <binary.4>
value.12:
; no-read-shadow.yaml:41: - /usr/bin/systemd-sysusers
    84: if r2 != 0x19 goto +0xf <value.13>
    85: r4 = *(u64 *)(r8 + 0x40)
    86: r5 = 0x6e69622f7273752f ll
    88: if r4 != r5 goto +0xb <value.13>
    89: r4 = *(u64 *)(r8 + 0x48)
    90: r5 = 0x646d65747379732f ll
    92: if r4 != r5 goto +0x7 <value.13>
    93: r4 = *(u64 *)(r8 + 0x50)
    94: r5 = 0x726573757379732d ll
    96: if r4 != r5 goto +0x3 <value.13>
    97: r4 = *(u8 *)(r8 + 0x58)
    98: if w4 != 0x73 goto +0x1 <value.13>
    99: goto +0xd5 <binary.4>
value.13:
; no-read-shadow.yaml:42: - /usr/lib/openssh/sshd-session
   100: if r2 != 0x1d goto +0x11 <value.14>
   101: r4 = *(u64 *)(r8 + 0x40)
   102: r5 = 0x62696c2f7273752f ll
   104: if r4 != r5 goto +0xd <value.14>
   105: r4 = *(u64 *)(r8 + 0x48)
   106: r5 = 0x6873736e65706f2f ll
   108: if r4 != r5 goto +0x9 <value.14>
   109: r4 = *(u64 *)(r8 + 0x50)
   110: r5 = 0x65732d646873732f ll
   112: if r4 != r5 goto +0x5 <value.14>
   113: r4 = *(u32 *)(r8 + 0x58)
   114: if w4 != 0x6f697373 goto +0x3 <value.14>
   115: r4 = *(u8 *)(r8 + 0x5c)
   116: if w4 != 0x6e goto +0x1 <value.14>
   117: goto +0xc3 <binary.4>
value.14:
; no-read-shadow.yaml:43: - /usr/lib/systemd/systemd
   118: if r2 != 0x18 goto +0xd <value.15>
   119: r4 = *(u64 *)(r8 + 0x40)
   120: r5 = 0x62696c2f7273752f ll
   122: if r4 != r5 goto +0x9 <value.15>
   123: r4 = *(u64 *)(r8 + 0x48)
   124: r5 = 0x646d65747379732f ll
   126: if r4 != r5 goto +0x5 <value.15>
   127: r4 = *(u64 *)(r8 + 0x50)
   128: r5 = 0x646d65747379732f ll
   130: if r4 != r5 goto +0x1 <value.15>
   131: goto +0xb5 <binary.4>
value.15:
; no-read-shadow.yaml:44: - /usr/lib/systemd/systemd-executor
   132: if r2 != 0x21 goto +0x13 <value.16>
   133: r4 = *(u64 *)(r8 + 0x40)
   134: r5 = 0x62696c2f7273752f ll
   136: if r4 != r5 goto +0xf <value.16>
   137: r4 = *(u64 *)(r8 + 0x48)
   138: r5 = 0x646d65747379732f ll
   140: if r4 != r5 goto +0xb <value.16>
   141: r4 = *(u64 *)(r8 + 0x50)
   142: r5 = 0x646d65747379732f ll
   144: if r4 != r5 goto +0x7 <value.16>
   145: r4 = *(u64 *)(r8 + 0x58)
   146: r5 = 0x6f7475636578652d ll
   148: if r4 != r5 goto +0x3 <value.16>
   149: r4 = *(u8 *)(r8 + 0x60)
   150: if w4 != 0x72 goto +0x1 <value.16>
   151: goto +0xa1 <binary.4>
value.16:
; no-read-shadow.yaml:45: - /usr/sbin/chpasswd
   152: if r2 != 0x12 goto +0xb <value.17>
   153: r4 = *(u64 *)(r8 + 0x40)
   154: r5 = 0x6962732f7273752f ll
   156: if r4 != r5 goto +0x7 <value.17>
   157: r4 = *(u64 *)(r8 + 0x48)
   158: r5 = 0x7373617068632f6e ll
   160: if r4 != r5 goto +0x3 <value.17>
   161: r4 = *(u16 *)(r8 + 0x50)
   162: if w4 != 0x6477 goto +0x1 <value.17>
   163: goto +0x95 <binary.4>
value.17:
; no-read-shadow.yaml:46: - /usr/sbin/cron
   164: if r2 != 0xe goto +0x9 <value.18>
   165: r4 = *(u64 *)(r8 + 0x40)
   166: r5 = 0x6962732f7273752f ll
   168: if r4 != r5 goto +0x5 <value.18>
   169: r4 = *(u32 *)(r8 + 0x48)
   170: if w4 != 0x72632f6e goto +0x3 <value.18>
   171: r4 = *(u16 *)(r8 + 0x4c)
   172: if w4 != 0x6e6f goto +0x1 <value.18>
   173: goto +0x8b <binary.4>
value.18:
; no-read-shadow.yaml:47: - /usr/sbin/groupadd
   174: if r2 != 0x12 goto +0xb <value.19>
   175: r4 = *(u64 *)(r8 + 0x40)
   176: r5 = 0x6962732f7273752f ll
   178: if r4 != r5 goto +0x7 <value.19>
   179: r4 = *(u64 *)(r8 + 0x48)
   180: r5 = 0x6170756f72672f6e ll
   182: if r4 != r5 goto +0x3 <value.19>
   183: r4 = *(u16 *)(r8 + 0x50)
   184: if w4 != 0x6464 goto +0x1 <value.19>
   185: goto +0x7f <binary.4>
value.19:
; no-read-shadow.yaml:48: - /usr/sbin/groupdel
   186: if r2 != 0x12 goto +0xb <value.20>
   187: r4 = *(u64 *)(r8 + 0x40)
   188: r5 = 0x6962732f7273752f ll
   190: if r4 != r5 goto +0x7 <value.20>
   191: r4 = *(u64 *)(r8 + 0x48)
   192: r5 = 0x6470756f72672f6e ll
   194: if r4 != r5 goto +0x3 <value.20>
   195: r4 = *(u16 *)(r8 + 0x50)
   196: if w4 != 0x6c65 goto +0x1 <value.20>
   197: goto +0x73 <binary.4>
value.20:
; no-read-shadow.yaml:49: - /usr/sbin/groupmod
   198: if r2 != 0x12 goto +0xb <value.21>
   199: r4 = *(u64 *)(r8 + 0x40)
   200: r5 = 0x6962732f7273752f ll
   202: if r4 != r5 goto +0x7 <value.21>
   203: r4 = *(u64 *)(r8 + 0x48)
   204: r5 = 0x6d70756f72672f6e ll
   206: if r4 != r5 goto +0x3 <value.21>
   207: r4 = *(u16 *)(r8 + 0x50)
   208: if w4 != 0x646f goto +0x1 <value.21>
   209: goto +0x67 <binary.4>
value.21:
; no-read-shadow.yaml:50: - /usr/sbin/grpck
   210: if r2 != 0xf goto +0xb <value.22>
   211: r4 = *(u64 *)(r8 + 0x40)
   212: r5 = 0x6962732f7273752f ll
   214: if r4 != r5 goto +0x7 <value.22>
   215: r4 = *(u32 *)(r8 + 0x48)
   216: if w4 != 0x72672f6e goto +0x5 <value.22>
   217: r4 = *(u16 *)(r8 + 0x4c)
   218: if w4 != 0x6370 goto +0x3 <value.22>
   219: r4 = *(u8 *)(r8 + 0x4e)
   220: if w4 != 0x6b goto +0x1 <value.22>
   221: goto +0x5b <binary.4>
value.22:
; no-read-shadow.yaml:51: - /usr/sbin/pwck
   222: if r2 != 0xe goto +0x9 <value.23>
   223: r4 = *(u64 *)(r8 + 0x40)
   224: r5 = 0x6962732f7273752f ll
   226: if r4 != r5 goto +0x5 <value.23>
   227: r4 = *(u32 *)(r8 + 0x48)
   228: if w4 != 0x77702f6e goto +0x3 <value.23>
   229: r4 = *(u16 *)(r8 + 0x4c)
   230: if w4 != 0x6b63 goto +0x1 <value.23>
   231: goto +0x51 <binary.4>
value.23:
; no-read-shadow.yaml:52: - /usr/sbin/runuser
   232: if r2 != 0x11 goto +0xb <value.24>
   233: r4 = *(u64 *)(r8 + 0x40)
   234: r5 = 0x6962732f7273752f ll
   236: if r4 != r5 goto +0x7 <value.24>
   237: r4 = *(u64 *)(r8 + 0x48)
   238: r5 = 0x6573756e75722f6e ll
   240: if r4 != r5 goto +0x3 <value.24>
   241: r4 = *(u8 *)(r8 + 0x50)
   242: if w4 != 0x72 goto +0x1 <value.24>
   243: goto +0x45 <binary.4>
value.24:
; no-read-shadow.yaml:53: - /usr/sbin/sshd
   244: if r2 != 0xe goto +0x9 <value.25>
   245: r4 = *(u64 *)(r8 + 0x40)
   246: r5 = 0x6962732f7273752f ll
   248: if r4 != r5 goto +0x5 <value.25>
   249: r4 = *(u32 *)(r8 + 0x48)
   250: if w4 != 0x73732f6e goto +0x3 <value.25>
   251: r4 = *(u16 *)(r8 + 0x4c)
   252: if w4 != 0x6468 goto +0x1 <value.25>
   253: goto +0x3b <binary.4>
value.25:
; no-read-shadow.yaml:54: - /usr/sbin/unix_chkpwd
   254: if r2 != 0x15 goto +0xd <value.26>
   255: r4 = *(u64 *)(r8 + 0x40)
   256: r5 = 0x6962732f7273752f ll
   258: if r4 != r5 goto +0x9 <value.26>
   259: r4 = *(u64 *)(r8 + 0x48)
   260: r5 = 0x635f78696e752f6e ll
   262: if r4 != r5 goto +0x5 <value.26>
   263: r4 = *(u32 *)(r8 + 0x50)
   264: if w4 != 0x77706b68 goto +0x3 <value.26>
   265: r4 = *(u8 *)(r8 + 0x54)
   266: if w4 != 0x64 goto +0x1 <value.26>
   267: goto +0x2d <binary.4>
value.26:
; no-read-shadow.yaml:55: - /usr/sbin/useradd
   268: if r2 != 0x11 goto +0xb <value.27>
   269: r4 = *(u64 *)(r8 + 0x40)
   270: r5 = 0x6962732f7273752f ll
   272: if r4 != r5 goto +0x7 <value.27>
   273: r4 = *(u64 *)(r8 + 0x48)
   274: r5 = 0x6461726573752f6e ll
   276: if r4 != r5 goto +0x3 <value.27>
   277: r4 = *(u8 *)(r8 + 0x50)
   278: if w4 != 0x64 goto +0x1 <value.27>
   279: goto +0x21 <binary.4>
value.27:
; no-read-shadow.yaml:56: - /usr/sbin/userdel
   280: if r2 != 0x11 goto +0xb <value.28>
   281: r4 = *(u64 *)(r8 + 0x40)
   282: r5 = 0x6962732f7273752f ll
   284: if r4 != r5 goto +0x7 <value.28>
   285: r4 = *(u64 *)(r8 + 0x48)
   286: r5 = 0x6564726573752f6e ll
   288: if r4 != r5 goto +0x3 <value.28>
   289: r4 = *(u8 *)(r8 + 0x50)
   290: if w4 != 0x6c goto +0x1 <value.28>
   291: goto +0x15 <binary.4>
value.28:
; no-read-shadow.yaml:57: - /usr/sbin/usermod
   292: if r2 != 0x11 goto +0xb <value.29>
   293: r4 = *(u64 *)(r8 + 0x40)
   294: r5 = 0x6962732f7273752f ll
   296: if r4 != r5 goto +0x7 <value.29>
   297: r4 = *(u64 *)(r8 + 0x48)
   298: r5 = 0x6f6d726573752f6e ll
   300: if r4 != r5 goto +0x3 <value.29>
   301: r4 = *(u8 *)(r8 + 0x50)
   302: if w4 != 0x64 goto +0x1 <value.29>
   303: goto +0x9 <binary.4>
value.29:
; no-read-shadow.yaml:58: - /usr/sbin/vipw
   304: if r2 != 0xe goto +0x9 <not.3>
   305: r4 = *(u64 *)(r8 + 0x40)
   306: r5 = 0x6962732f7273752f ll
   308: if r4 != r5 goto +0x5 <not.3>
   309: r4 = *(u32 *)(r8 + 0x48)
   310: if w4 != 0x69762f6e goto +0x3 <not.3>
   311: r4 = *(u16 *)(r8 + 0x4c)
   312: if w4 != 0x7770 goto +0x1 <not.3>
binary.4:
; no-read-shadow.yaml:32: - operator: NotIn
   313: goto +0x1 <exempt.1>
not.3:
; no-read-shadow.yaml:15: - hook: file_open
   314: goto +0x1 <process open>
exempt.1:
   315: goto +0x2b <past>
process open:
   316: r1 = *(u64 *)(r6 + 0x0)
   317: r2 = r10
   318: r2 += -0x30
   319: r3 = 0x1
   320: call rf_ends_of_file
   321: if r0 != 0x0 goto +0x24 <ends open>
   322: r2 = *(u64 *)(r10 - 0x30)
   323: r4 = -0x1 ll
   325: r3 = r2
   326: r3 &= r4
; no-read-shadow.yaml:28: - /etc/shadow-
   327: r5 = 0x6168732f6374652f ll
   329: if r3 == r5 goto +0x4 <begun.32>
; no-read-shadow.yaml:30: - /etc/gshadow-
   330: r5 = 0x6873672f6374652f ll
   332: if r3 == r5 goto +0x1 <begun.32>
   333: goto +0x17 <branch.30>
begun.32:
   334: r2 = *(u64 *)(r10 - 0x28)
   335: r4 = -0x1 ll
   337: r3 = *(u64 *)(r10 - 0x20)
   338: r4 &= r3
   339: r3 = r2
   340: r3 &= r4
; no-read-shadow.yaml:27: - /etc/shadow
   341: r5 = 0x776f646168732f63 ll
   343: r5 &= r4
   344: if r3 == r5 goto +0xd <ends open>
; no-read-shadow.yaml:28: - /etc/shadow-
   345: r5 = 0x2d776f646168732f ll
   347: r5 &= r4
   348: if r3 == r5 goto +0x9 <ends open>
; no-read-shadow.yaml:29: - /etc/gshadow
   349: r5 = 0x776f64616873672f ll
   351: r5 &= r4
   352: if r3 == r5 goto +0x5 <ends open>
; no-read-shadow.yaml:30: - /etc/gshadow-
   353: r5 = 0x2d776f6461687367 ll
   355: r5 &= r4
   356: if r3 == r5 goto +0x1 <ends open>
branch.30:
; no-read-shadow.yaml:15: - hook: file_open
   357: goto +0x1 <past>
ends open:
   358: goto +0x2 <in>
past:
   359: r0 = 0x0
   360: exit
in:
   361: call rf_scratch_claim
   362: if r0 != 0x0 goto +0x19 <scratch>
   363: r9 = 0x0
   364: r1 = 0x0
   365: r2 = -0xd
   366: call rf_fail_closed
   367: if r9 != 0x0 goto +0x1 <kept.33>
   368: r9 = r0
kept.33:
   369: r0 = r9
   370: r0 <<= 0x20
   371: r0 s>>= 0x20
   372: if r0 s> 0x0 goto +0x2 <clamp.34>
   373: if r0 s< -0xfff goto +0x1 <clamp.34>
   374: exit
clamp.34:
   375: r0 = -0x1
   376: exit
release:
   377: r9 = *(u64 *)(r7 + 0xa8)
   378: r1 = r7
   379: call rf_scratch_release
   380: r0 = r9
   381: r0 <<= 0x20
   382: r0 s>>= 0x20
   383: if r0 s> 0x0 goto +0x2 <clamp.35>
   384: if r0 s< -0xfff goto +0x1 <clamp.35>
   385: exit
clamp.35:
   386: r0 = -0x1
   387: exit
scratch:
   388: r7 = r0
   389: *(u64 *)(r7 + 0xa8) = 0x0
   390: *(u64 *)(r7 + 0xa0) = 0x0
   391: *(u32 *)(r7 + 0x10) = 0x7d68b606
   392: if r8 != 0x0 goto +0x5 <known>
   393: r1 = r7
   394: call rf_process_current
   395: r8 = r0
   396: r1 = *(u32 *)(r8 + 0x28)
   397: if r1 & 0x1 goto -0x15 <release>
known:
   398: r1 = *(u64 *)(r6 + 0x0)
   399: *(u64 *)(r7 + 0x20) = r1
; no-read-shadow.yaml:23: - matchArgs:
   400: *(u64 *)(r7 + 0xb0) = 0x0
; no-read-shadow.yaml:32: - operator: NotIn
   401: r1 = *(u32 *)(r8 + 0x28)
   402: if r1 & 0x10 goto +0x16b <unreadable.39>
   403: if r1 & 0x40 goto +0x131 <next.40>
   404: r2 = *(u32 *)(r8 + 0x2c)
; no-read-shadow.yaml:34: - /usr/bin/chage
   405: if r2 != 0xe goto +0x9 <value.44>
   406: r4 = *(u64 *)(r8 + 0x40)
   407: r5 = 0x6e69622f7273752f ll
   409: if r4 != r5 goto +0x5 <value.44>
   410: r4 = *(u32 *)(r8 + 0x48)
   411: if w4 != 0x6168632f goto +0x3 <value.44>
   412: r4 = *(u16 *)(r8 + 0x4c)
   413: if w4 != 0x6567 goto +0x1 <value.44>
   414: goto +0x125 <binary.42>
value.44:
; no-read-shadow.yaml:35: - /usr/bin/gpasswd
   415: if r2 != 0x10 goto +0x9 <value.45>
   416: r4 = *(u64 *)(r8 + 0x40)
   417: r5 = 0x6e69622f7273752f ll
   419: if r4 != r5 goto +0x5 <value.45>
   420: r4 = *(u64 *)(r8 + 0x48)
   421: r5 = 0x647773736170672f ll
   423: if r4 != r5 goto +0x1 <value.45>
   424: goto +0x11b <binary.42>
value.45:
; no-read-shadow.yaml:36: - /usr/bin/login
   425: if r2 != 0xe goto +0x9 <value.46>
   426: r4 = *(u64 *)(r8 + 0x40)
   427: r5 = 0x6e69622f7273752f ll
   429: if r4 != r5 goto +0x5 <value.46>
   430: r4 = *(u32 *)(r8 + 0x48)
   431: if w4 != 0x676f6c2f goto +0x3 <value.46>
   432: r4 = *(u16 *)(r8 + 0x4c)
   433: if w4 != 0x6e69 goto +0x1 <value.46>
   434: goto +0x111 <binary.42>
value.46:
; no-read-shadow.yaml:37: - /usr/bin/newgrp
   435: if r2 != 0xf goto +0xb <value.47>
   436: r4 = *(u64 *)(r8 + 0x40)
   437: r5 = 0x6e69622f7273752f ll
   439: if r4 != r5 goto +0x7 <value.47>
   440: r4 = *(u32 *)(r8 + 0x48)
   441: if w4 != 0x77656e2f goto +0x5 <value.47>
   442: r4 = *(u16 *)(r8 + 0x4c)
   443: if w4 != 0x7267 goto +0x3 <value.47>
   444: r4 = *(u8 *)(r8 + 0x4e)
   445: if w4 != 0x70 goto +0x1 <value.47>
   446: goto +0x105 <binary.42>
value.47:
; no-read-shadow.yaml:38: - /usr/bin/passwd
   447: if r2 != 0xf goto +0xb <value.48>
   448: r4 = *(u64 *)(r8 + 0x40)
   449: r5 = 0x6e69622f7273752f ll
   451: if r4 != r5 goto +0x7 <value.48>
   452: r4 = *(u32 *)(r8 + 0x48)
   453: if w4 != 0x7361702f goto +0x5 <value.48>
   454: r4 = *(u16 *)(r8 + 0x4c)
   455: if w4 != 0x7773 goto +0x3 <value.48>
   456: r4 = *(u8 *)(r8 + 0x4e)
   457: if w4 != 0x64 goto +0x1 <value.48>
   458: goto +0xf9 <binary.42>
value.48:
; no-read-shadow.yaml:39: - /usr/bin/su
   459: if r2 != 0xb goto +0x9 <value.49>
   460: r4 = *(u64 *)(r8 + 0x40)
   461: r5 = 0x6e69622f7273752f ll
   463: if r4 != r5 goto +0x5 <value.49>
   464: r4 = *(u16 *)(r8 + 0x48)
   465: if w4 != 0x732f goto +0x3 <value.49>
   466: r4 = *(u8 *)(r8 + 0x4a)
   467: if w4 != 0x75 goto +0x1 <value.49>
   468: goto +0xef <binary.42>
value.49:
; no-read-shadow.yaml:40: - /usr/bin/sudo
   469: if r2 != 0xd goto +0x9 <value.50>
   470: r4 = *(u64 *)(r8 + 0x40)
   471: r5 = 0x6e69622f7273752f ll
   473: if r4 != r5 goto +0x5 <value.50>
   474: r4 = *(u32 *)(r8 + 0x48)
   475: if w4 != 0x6475732f goto +0x3 <value.50>
   476: r4 = *(u8 *)(r8 + 0x4c)
   477: if w4 != 0x6f goto +0x1 <value.50>
   478: goto +0xe5 <binary.42>
value.50:
; no-read-shadow.yaml:41: - /usr/bin/systemd-sysusers
   479: if r2 != 0x19 goto +0xf <value.51>
   480: r4 = *(u64 *)(r8 + 0x40)
   481: r5 = 0x6e69622f7273752f ll
   483: if r4 != r5 goto +0xb <value.51>
   484: r4 = *(u64 *)(r8 + 0x48)
   485: r5 = 0x646d65747379732f ll
   487: if r4 != r5 goto +0x7 <value.51>
   488: r4 = *(u64 *)(r8 + 0x50)
   489: r5 = 0x726573757379732d ll
   491: if r4 != r5 goto +0x3 <value.51>
   492: r4 = *(u8 *)(r8 + 0x58)
   493: if w4 != 0x73 goto +0x1 <value.51>
   494: goto +0xd5 <binary.42>
value.51:
; no-read-shadow.yaml:42: - /usr/lib/openssh/sshd-session
   495: if r2 != 0x1d goto +0x11 <value.52>
   496: r4 = *(u64 *)(r8 + 0x40)
   497: r5 = 0x62696c2f7273752f ll
   499: if r4 != r5 goto +0xd <value.52>
   500: r4 = *(u64 *)(r8 + 0x48)
   501: r5 = 0x6873736e65706f2f ll
   503: if r4 != r5 goto +0x9 <value.52>
   504: r4 = *(u64 *)(r8 + 0x50)
   505: r5 = 0x65732d646873732f ll
   507: if r4 != r5 goto +0x5 <value.52>
   508: r4 = *(u32 *)(r8 + 0x58)
   509: if w4 != 0x6f697373 goto +0x3 <value.52>
   510: r4 = *(u8 *)(r8 + 0x5c)
   511: if w4 != 0x6e goto +0x1 <value.52>
   512: goto +0xc3 <binary.42>
value.52:
; no-read-shadow.yaml:43: - /usr/lib/systemd/systemd
   513: if r2 != 0x18 goto +0xd <value.53>
   514: r4 = *(u64 *)(r8 + 0x40)
   515: r5 = 0x62696c2f7273752f ll
   517: if r4 != r5 goto +0x9 <value.53>
   518: r4 = *(u64 *)(r8 + 0x48)
   519: r5 = 0x646d65747379732f ll
   521: if r4 != r5 goto +0x5 <value.53>
   522: r4 = *(u64 *)(r8 + 0x50)
   523: r5 = 0x646d65747379732f ll
   525: if r4 != r5 goto +0x1 <value.53>
   526: goto +0xb5 <binary.42>
value.53:
; no-read-shadow.yaml:44: - /usr/lib/systemd/systemd-executor
   527: if r2 != 0x21 goto +0x13 <value.54>
   528: r4 = *(u64 *)(r8 + 0x40)
   529: r5 = 0x62696c2f7273752f ll
   531: if r4 != r5 goto +0xf <value.54>
   532: r4 = *(u64 *)(r8 + 0x48)
   533: r5 = 0x646d65747379732f ll
   535: if r4 != r5 goto +0xb <value.54>
   536: r4 = *(u64 *)(r8 + 0x50)
   537: r5 = 0x646d65747379732f ll
   539: if r4 != r5 goto +0x7 <value.54>
   540: r4 = *(u64 *)(r8 + 0x58)
   541: r5 = 0x6f7475636578652d ll
   543: if r4 != r5 goto +0x3 <value.54>
   544: r4 = *(u8 *)(r8 + 0x60)
   545: if w4 != 0x72 goto +0x1 <value.54>
   546: goto +0xa1 <binary.42>
value.54:
; no-read-shadow.yaml:45: - /usr/sbin/chpasswd
   547: if r2 != 0x12 goto +0xb <value.55>
   548: r4 = *(u64 *)(r8 + 0x40)
   549: r5 = 0x6962732f7273752f ll
   551: if r4 != r5 goto +0x7 <value.55>
   552: r4 = *(u64 *)(r8 + 0x48)
   553: r5 = 0x7373617068632f6e ll
   555: if r4 != r5 goto +0x3 <value.55>
   556: r4 = *(u16 *)(r8 + 0x50)
   557: if w4 != 0x6477 goto +0x1 <value.55>
   558: goto +0x95 <binary.42>
value.55:
; no-read-shadow.yaml:46: - /usr/sbin/cron
   559: if r2 != 0xe goto +0x9 <value.56>
   560: r4 = *(u64 *)(r8 + 0x40)
   561: r5 = 0x6962732f7273752f ll
   563: if r4 != r5 goto +0x5 <value.56>
   564: r4 = *(u32 *)(r8 + 0x48)
   565: if w4 != 0x72632f6e goto +0x3 <value.56>
   566: r4 = *(u16 *)(r8 + 0x4c)
   567: if w4 != 0x6e6f goto +0x1 <value.56>
   568: goto +0x8b <binary.42>
value.56:
; no-read-shadow.yaml:47: - /usr/sbin/groupadd
   569: if r2 != 0x12 goto +0xb <value.57>
   570: r4 = *(u64 *)(r8 + 0x40)
   571: r5 = 0x6962732f7273752f ll
   573: if r4 != r5 goto +0x7 <value.57>
   574: r4 = *(u64 *)(r8 + 0x48)
   575: r5 = 0x6170756f72672f6e ll
   577: if r4 != r5 goto +0x3 <value.57>
   578: r4 = *(u16 *)(r8 + 0x50)
   579: if w4 != 0x6464 goto +0x1 <value.57>
   580: goto +0x7f <binary.42>
value.57:
; no-read-shadow.yaml:48: - /usr/sbin/groupdel
   581: if r2 != 0x12 goto +0xb <value.58>
   582: r4 = *(u64 *)(r8 + 0x40)
   583: r5 = 0x6962732f7273752f ll
   585: if r4 != r5 goto +0x7 <value.58>
   586: r4 = *(u64 *)(r8 + 0x48)
   587: r5 = 0x6470756f72672f6e ll
   589: if r4 != r5 goto +0x3 <value.58>
   590: r4 = *(u16 *)(r8 + 0x50)
   591: if w4 != 0x6c65 goto +0x1 <value.58>
   592: goto +0x73 <binary.42>
value.58:
; no-read-shadow.yaml:49: - /usr/sbin/groupmod
   593: if r2 != 0x12 goto +0xb <value.59>
   594: r4 = *(u64 *)(r8 + 0x40)
   595: r5 = 0x6962732f7273752f ll
   597: if r4 != r5 goto +0x7 <value.59>
   598: r4 = *(u64 *)(r8 + 0x48)
   599: r5 = 0x6d70756f72672f6e ll
   601: if r4 != r5 goto +0x3 <value.59>
   602: r4 = *(u16 *)(r8 + 0x50)
   603: if w4 != 0x646f goto +0x1 <value.59>
   604: goto +0x67 <binary.42>
value.59:
; no-read-shadow.yaml:50: - /usr/sbin/grpck
   605: if r2 != 0xf goto +0xb <value.60>
   606: r4 = *(u64 *)(r8 + 0x40)
   607: r5 = 0x6962732f7273752f ll
   609: if r4 != r5 goto +0x7 <value.60>
   610: r4 = *(u32 *)(r8 + 0x48)
   611: if w4 != 0x72672f6e goto +0x5 <value.60>
   612: r4 = *(u16 *)(r8 + 0x4c)
   613: if w4 != 0x6370 goto +0x3 <value.60>
   614: r4 = *(u8 *)(r8 + 0x4e)
   615: if w4 != 0x6b goto +0x1 <value.60>
   616: goto +0x5b <binary.42>
value.60:
; no-read-shadow.yaml:51: - /usr/sbin/pwck
   617: if r2 != 0xe goto +0x9 <value.61>
   618: r4 = *(u64 *)(r8 + 0x40)
   619: r5 = 0x6962732f7273752f ll
   621: if r4 != r5 goto +0x5 <value.61>
   622: r4 = *(u32 *)(r8 + 0x48)
   623: if w4 != 0x77702f6e goto +0x3 <value.61>
   624: r4 = *(u16 *)(r8 + 0x4c)
   625: if w4 != 0x6b63 goto +0x1 <value.61>
   626: goto +0x51 <binary.42>
value.61:
; no-read-shadow.yaml:52: - /usr/sbin/runuser
   627: if r2 != 0x11 goto +0xb <value.62>
   628: r4 = *(u64 *)(r8 + 0x40)
   629: r5 = 0x6962732f7273752f ll
   631: if r4 != r5 goto +0x7 <value.62>
   632: r4 = *(u64 *)(r8 + 0x48)
   633: r5 = 0x6573756e75722f6e ll
   635: if r4 != r5 goto +0x3 <value.62>
   636: r4 = *(u8 *)(r8 + 0x50)
   637: if w4 != 0x72 goto +0x1 <value.62>
   638: goto +0x45 <binary.42>
value.62:
; no-read-shadow.yaml:53: - /usr/sbin/sshd
   639: if r2 != 0xe goto +0x9 <value.63>
   640: r4 = *(u64 *)(r8 + 0x40)
   641: r5 = 0x6962732f7273752f ll
   643: if r4 != r5 goto +0x5 <value.63>
   644: r4 = *(u32 *)(r8 + 0x48)
   645: if w4 != 0x73732f6e goto +0x3 <value.63>
   646: r4 = *(u16 *)(r8 + 0x4c)
   647: if w4 != 0x6468 goto +0x1 <value.63>
   648: goto +0x3b <binary.42>
value.63:
; no-read-shadow.yaml:54: - /usr/sbin/unix_chkpwd
   649: if r2 != 0x15 goto +0xd <value.64>
   650: r4 = *(u64 *)(r8 + 0x40)
   651: r5 = 0x6962732f7273752f ll
   653: if r4 != r5 goto +0x9 <value.64>
   654: r4 = *(u64 *)(r8 + 0x48)
   655: r5 = 0x635f78696e752f6e ll
   657: if r4 != r5 goto +0x5 <value.64>
   658: r4 = *(u32 *)(r8 + 0x50)
   659: if w4 != 0x77706b68 goto +0x3 <value.64>
   660: r4 = *(u8 *)(r8 + 0x54)
   661: if w4 != 0x64 goto +0x1 <value.64>
   662: goto +0x2d <binary.42>
value.64:
; no-read-shadow.yaml:55: - /usr/sbin/useradd
   663: if r2 != 0x11 goto +0xb <value.65>
   664: r4 = *(u64 *)(r8 + 0x40)
   665: r5 = 0x6962732f7273752f ll
   667: if r4 != r5 goto +0x7 <value.65>
   668: r4 = *(u64 *)(r8 + 0x48)
   669: r5 = 0x6461726573752f6e ll
   671: if r4 != r5 goto +0x3 <value.65>
   672: r4 = *(u8 *)(r8 + 0x50)
   673: if w4 != 0x64 goto +0x1 <value.65>
   674: goto +0x21 <binary.42>
value.65:
; no-read-shadow.yaml:56: - /usr/sbin/userdel
   675: if r2 != 0x11 goto +0xb <value.66>
   676: r4 = *(u64 *)(r8 + 0x40)
   677: r5 = 0x6962732f7273752f ll
   679: if r4 != r5 goto +0x7 <value.66>
   680: r4 = *(u64 *)(r8 + 0x48)
   681: r5 = 0x6564726573752f6e ll
   683: if r4 != r5 goto +0x3 <value.66>
   684: r4 = *(u8 *)(r8 + 0x50)
   685: if w4 != 0x6c goto +0x1 <value.66>
   686: goto +0x15 <binary.42>
value.66:
; no-read-shadow.yaml:57: - /usr/sbin/usermod
   687: if r2 != 0x11 goto +0xb <value.67>
   688: r4 = *(u64 *)(r8 + 0x40)
   689: r5 = 0x6962732f7273752f ll
   691: if r4 != r5 goto +0x7 <value.67>
   692: r4 = *(u64 *)(r8 + 0x48)
   693: r5 = 0x6f6d726573752f6e ll
   695: if r4 != r5 goto +0x3 <value.67>
   696: r4 = *(u8 *)(r8 + 0x50)
   697: if w4 != 0x64 goto +0x1 <value.67>
   698: goto +0x9 <binary.42>
value.67:
; no-read-shadow.yaml:58: - /usr/sbin/vipw
   699: if r2 != 0xe goto +0x9 <next.40>
   700: r4 = *(u64 *)(r8 + 0x40)
   701: r5 = 0x6962732f7273752f ll
   703: if r4 != r5 goto +0x5 <next.40>
   704: r4 = *(u32 *)(r8 + 0x48)
   705: if w4 != 0x69762f6e goto +0x3 <next.40>
   706: r4 = *(u16 *)(r8 + 0x4c)
   707: if w4 != 0x7770 goto +0x1 <next.40>
binary.42:
; no-read-shadow.yaml:32: - operator: NotIn
   708: goto +0x3d <selector.38>
next.40:
; no-read-shadow.yaml:24: - index: 0
   709: r1 = r7
   710: r2 = 0x0
   711: r3 = 0x0
   712: call rf_read_file
   713: r9 = r7
   714: r9 += 0x9f0
   715: if r0 != 0x0 goto +0x34 <unreadable.68>
   716: r4 = *(u32 *)(r9 + 0x0)
   717: if r4 & 0x2 goto +0x34 <selector.38>
   718: r2 = *(u32 *)(r9 + 0x8)
   719: r4 = *(u32 *)(r9 + 0x4)
   720: if r4 > 0x1000 goto +0x2f <unreadable.68>
   721: r3 = r9
   722: r3 += r4
; no-read-shadow.yaml:27: - /etc/shadow
   723: if r2 != 0xb goto +0x9 <value.72>
   724: r4 = *(u64 *)(r3 + 0x30)
   725: r5 = 0x6168732f6374652f ll
   727: if r4 != r5 goto +0x5 <value.72>
   728: r4 = *(u16 *)(r3 + 0x38)
   729: if w4 != 0x6f64 goto +0x3 <value.72>
   730: r4 = *(u8 *)(r3 + 0x3a)
   731: if w4 != 0x77 goto +0x1 <value.72>
   732: goto +0x19 <next.69>
value.72:
; no-read-shadow.yaml:28: - /etc/shadow-
   733: if r2 != 0xc goto +0x7 <value.73>
   734: r4 = *(u64 *)(r3 + 0x30)
   735: r5 = 0x6168732f6374652f ll
   737: if r4 != r5 goto +0x3 <value.73>
   738: r4 = *(u32 *)(r3 + 0x38)
   739: if w4 != 0x2d776f64 goto +0x1 <value.73>
   740: goto +0x11 <next.69>
value.73:
; no-read-shadow.yaml:29: - /etc/gshadow
   741: if r2 != 0xc goto +0x7 <value.74>
   742: r4 = *(u64 *)(r3 + 0x30)
   743: r5 = 0x6873672f6374652f ll
   745: if r4 != r5 goto +0x3 <value.74>
   746: r4 = *(u32 *)(r3 + 0x38)
   747: if w4 != 0x776f6461 goto +0x1 <value.74>
   748: goto +0x9 <next.69>
value.74:
; no-read-shadow.yaml:30: - /etc/gshadow-
   749: if r2 != 0xd goto +0x14 <selector.38>
   750: r4 = *(u64 *)(r3 + 0x30)
   751: r5 = 0x6873672f6374652f ll
   753: if r4 != r5 goto +0x10 <selector.38>
   754: r4 = *(u32 *)(r3 + 0x38)
   755: if w4 != 0x776f6461 goto +0xe <selector.38>
   756: r4 = *(u8 *)(r3 + 0x3c)
   757: if w4 != 0x2d goto +0xc <selector.38>
next.69:
; no-read-shadow.yaml:61: - action: Override
   758: r9 = 0x500000000 ll
   760: *(u64 *)(r10 - 0x8) = -0xd
   761: r1 = *(u64 *)(r7 + 0xb0)
   762: if r1 == 0x0 goto +0x8 <act.37>
   763: r9 = 0x1000500000000 ll
   765: goto +0x5 <act.37>
unreadable.39:
; no-read-shadow.yaml:32: - operator: NotIn
   766: *(u64 *)(r7 + 0xb0) = 0x1
   767: goto -0x3b <next.40>
unreadable.68:
; no-read-shadow.yaml:24: - index: 0
   768: *(u64 *)(r7 + 0xb0) = 0x1
   769: goto -0xc <next.69>
selector.38:
; no-read-shadow.yaml:15: - hook: file_open
   770: goto +0x15 <policy.36>
act.37:
   771: r1 = r7
   772: r2 = r8
   773: r3 = 0x0
   774: r4 = r9
   775: r5 = *(u64 *)(r10 - 0x8)
   776: call rf_match
   777: r1 = *(u64 *)(r7 + 0xa8)
   778: if r1 != 0x0 goto +0x1 <kept.75>
   779: *(u64 *)(r7 + 0xa8) = r0
kept.75:
   780: r1 = *(u32 *)(r7 + 0x8)
   781: if r1 == 0x0 goto +0xa <policy.36>
   782: r1 = r7
   783: r2 = 0x0
   784: r3 = 0x0
   785: call rf_read_file
   786: r1 = r7
   787: r2 = 0x0
   788: r3 = 0x0
   789: call rf_tell_path
   790: r1 = r7
   791: call rf_tell_end
policy.36:
   792: r9 = *(u64 *)(r7 + 0xa8)
   793: r1 = r7
   794: call rf_scratch_release
   795: r0 = r9
   796: r0 <<= 0x20
   797: r0 s>>= 0x20
   798: if r0 s> 0x0 goto +0x2 <clamp.76>
   799: if r0 s< -0xfff goto +0x1 <clamp.76>
   800: exit
clamp.76:
   801: r0 = -0x1
   802: exit

