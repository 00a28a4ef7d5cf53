namespace Ringfence.Core.Audit;

/// <summary>Applications and functions of Asterisk by what they are given.</summary>
internal static class KnownCalls
{
    // Places of the dialplan, mailboxes, files, tones, times, names of variables and families of the database.
    private static readonly HashSet<string> Plain = new(StringComparer.OrdinalIgnoreCase)
    {
        // Applications
        "Answer", "Echo", "Flash", "ForkCDR", "ResetCDR", "NoCDR", "Hangup", "Busy", "Congestion", "Ringing", "Progress", "Proceeding", "SoftHangup", "Wait", "WaitExten", "WaitDigit", "WaitForNoise", "WaitForRing", "WaitForSilence", "WaitMusicOnHold",
        "WaitUntil", "StackPop", "MacroExit", "EndWhile", "ContinueWhile", "EndIf", "Incomplete", "RaiseException", "ControlPlayback", "Playback", "PlayTones", "StopPlayTones", "MusicOnHold", "SetMusicOnHold", "StartMusicOnHold", "StopMusicOnHold", "Milliwatt",
        "Background", "BackgroundDetect", "Read", "ReadExten", "Record", "Monitor", "StopMonitor", "StopMixMonitor", "PauseMonitor", "UnpauseMonitor", "ChangeMonitor", "AMD", "SayNumber", "SayUnixTime", "SayCountedNoun", "SayCountedAdj", "DateTime", "DBdel", "DBdeltree",
        "VoiceMail", "VoiceMailMain", "MailboxExists", "VMSayName", "Directory", "Park", "ParkAndAnnounce", "ParkedCall", "Pickup", "PickupChan", "Gosub", "Goto", "Transfer", "BridgeWait", "AddQueueMember", "RemoveQueueMember", "PauseQueueMember", "UnpauseQueueMember",
        "ChanIsAvail", "DumpChan", "SIPRemoveHeader", "SIPDtmfMode", "SetCallerPres", "SetAMAFlags", "SetTransferCapability", "LookupBlacklist", "LookupCIDName", "PrivacyManager", "Dictate", "SLAStation", "SLATrunk", "HangupCauseClear", "StoreDTMF", "Festival", "AgentRequest",

        // Functions
        "DB", "DB_EXISTS", "DB_DELETE", "DB_KEYS", "DB_KEYCOUNT", "LEN", "CUT", "FILTER", "FIELDQTY", "FIELDNUM", "CALLERID", "CHANNEL", "CHANNELS", "CDR", "CDR_PROP", "GLOBAL", "SHARED", "LOCAL", "LOCAL_PEEK", "HASH", "HASHKEYS", "MATH", "GROUP", "GROUP_COUNT",
        "GROUP_MATCH_COUNT", "GROUP_LIST", "DEVICE_STATE", "EXTENSION_STATE", "PJSIP_HEADER", "PJSIP_HEADERS", "PJSIP_RESPONSE_HEADER", "PJSIP_ENDPOINT", "PJSIP_AOR", "PJSIP_CONTACT", "PJSIP_DIAL_CONTACTS", "PJSIP_MEDIA_OFFER", "PJSIP_PARSE_URI", "SIP_HEADER", "SIPPEER", "SIPCHANINFO",
        "IAXPEER", "QUEUE_MEMBER", "QUEUE_MEMBER_COUNT", "QUEUE_MEMBER_LIST", "QUEUE_MEMBER_PENALTY", "QUEUE_VARIABLES", "QUEUE_WAITING_COUNT", "QUEUE_EXISTS", "STRFTIME", "STRPTIME", "EPOCH", "TOUPPER", "TOLOWER", "URIENCODE", "URIDECODE", "DIALPLAN_EXISTS", "VALID_EXTEN", "VM_INFO", "VM_EXISTS",
        "MAILBOX_EXISTS", "ISNULL", "EXISTS", "RAND", "ENV", "SYSINFO", "TIMEOUT", "VERSION", "FILE", "STAT", "FILE_COUNT_LINE", "HINT", "BLACKLIST", "CSV_QUOTE", "QUOTE", "SHIFT", "POP", "PUSH", "UNSHIFT", "MASTER_CHANNEL", "IMPORT", "EVAL", "EXCEPTION", "INC", "DEC", "LISTFILTER",
        "CONNECTEDLINE", "REDIRECTING", "HANGUPCAUSE", "HANGUPCAUSE_KEYS", "CONFBRIDGE", "CONFBRIDGE_INFO", "MEETME_INFO", "FEATURE", "FEATUREMAP", "DIALGROUP", "PRESENCE_STATE", "VOLUME", "DENOISE", "AGC", "JITTERBUFFER", "TALK_DETECT", "SQL_ESC", "SQL_ESC_BACKSLASHES", "STACK_PEEK", "CALLCOMPLETION",
    };

    // What each argument of these means is known, and some of them may be secrets.
    private static readonly HashSet<string> Told = new(StringComparer.OrdinalIgnoreCase)
    {
        "Authenticate", "DISA", "VMAuthenticate", "MinivmGreet", "SendDTMF", "PlayDTMF", "SayDigits", "SayAlpha", "SayPhonetic", "MeetMe", "Dial", "RetryDial", "Page", "Originate", "Macro", "MacroExclusive", "MacroIf", "Queue", "ConfBridge", "Stasis", "ChanSpy", "ExtenSpy", "UserEvent",
        "Bridge", "FollowMe", "AgentLogin", "MYSQL", "SendText", "GotoIf", "GosubIf", "ExecIf", "GotoIfTime", "ExecIfTime", "While", "ExitWhile", "Set", "MSet", "Exec", "TryExec", "System", "TrySystem", "MixMonitor", "AGI", "EAGI", "FastAGI", "DeadAGI", "AsyncAGI", "ExternalIVR", "SIPAddHeader",
        "NoOp", "Verbose", "Log", "Return", "JabberSend", "SMS", "RealTime", "RealTimeUpdate", "SayText",
        "IF", "IFTIME", "ARRAY", "SHELL", "CURL", "CURLOPT", "AES_DECRYPT", "AES_ENCRYPT", "REGEX", "MD5", "SHA1", "REPLACE", "STRREPLACE", "PASSTHRU", "SPRINTF", "BASE64_ENCODE", "BASE64_DECODE", "SORCERY", "AST_CONFIG", "AST_SORCERY", "REALTIME",
    };

    public static bool Contains(string name) => Plain.Contains(name) || Told.Contains(name);

    public static bool IsPlain(string name) => Plain.Contains(name);
}
