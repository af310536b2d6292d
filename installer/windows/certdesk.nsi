; The setup for Windows: for one person, without administrator rights, in Simplified Chinese. docs/install.md
;   makensis -DVERSION=0.1.0.0 -DPAYLOAD=folder -DOUT=file.exe -DICON=certdesk.ico [-DSIGN="command"] certdesk.nsi
; /S installs silently, /D=path (last, without quotes) elsewhere. Exit code 2: the program is open.
Unicode true
Target amd64-unicode
!include MUI2.nsh
!include FileFunc.nsh

!define NAME "证窗"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\CertDesk"

Name "${NAME}"
OutFile "${OUT}"
BrandingText "${NAME} ${VERSION}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\CertDesk"
InstallDirRegKey HKCU "${KEY}" "InstallLocation"
SetCompressor /SOLID lzma
ManifestDPIAware true
ManifestSupportedOS all

!ifdef SIGN
  !finalize '${SIGN} "%1"'
  !uninstfinalize '${SIGN} "%1"'
!endif

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\certdesk.exe"
!define MUI_FINISHPAGE_RUN_TEXT "打开${NAME}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!define MUI_UNCONFIRMPAGE_TEXT_TOP "将移除程序。办件数据保留在“%LOCALAPPDATA%\CertDesk”，不会删除。"
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "SimpChinese"

VIProductVersion "${VERSION}"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} "ProductName" "${NAME} CertDesk"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} "FileDescription" "${NAME}安装程序"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=${LANG_SIMPCHINESE} "LegalCopyright" "${NAME} CertDesk"

; A file of a running program cannot be deleted: then nothing is touched.
!macro StopIfOpen un
Function ${un}StopIfOpen
  IfFileExists "$INSTDIR\certdesk.exe" 0 closed
  ClearErrors
  Delete "$INSTDIR\certdesk.exe"
  IfErrors 0 closed
    MessageBox MB_OK|MB_ICONEXCLAMATION "${NAME}正在使用。请先关闭程序，再重新运行。" /SD IDOK
    SetErrorLevel 2
    Quit
  closed:
FunctionEnd
!macroend
!insertmacro StopIfOpen ""
!insertmacro StopIfOpen "un."

Section
  Call StopIfOpen
  RMDir /r "$INSTDIR\_internal" ; the former version's: nothing of a person lies there
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateDirectory "$SMPROGRAMS\${NAME}"
  CreateShortCut "$SMPROGRAMS\${NAME}\${NAME}.lnk" "$INSTDIR\certdesk.exe"
  CreateShortCut "$SMPROGRAMS\${NAME}\卸载${NAME}.lnk" "$INSTDIR\uninstall.exe"
  CreateShortCut "$DESKTOP\${NAME}.lnk" "$INSTDIR\certdesk.exe"
  WriteRegStr HKCU "${KEY}" "DisplayName" "${NAME} CertDesk"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\certdesk.exe"
  WriteRegStr HKCU "${KEY}" "Publisher" "${NAME} CertDesk"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" "$0"
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  Call un.StopIfOpen
  Delete "$DESKTOP\${NAME}.lnk"
  RMDir /r "$SMPROGRAMS\${NAME}"
  ; By name, never the whole folder: /D may have pointed at one that holds something else.
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  Delete "$INSTDIR\certdesk-verbs.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${KEY}"
SectionEnd
