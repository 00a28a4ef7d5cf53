namespace Ringfence.Core.Dialplan;

/// <summary>Applications of Asterisk 13 to 22 behind which a call goes on with the next line, and which call nobody.</summary>
/// <remarks>
/// Every application of the XML documentation that is not followed by <see cref="CallApplications"/>; PlainApplicationsTests asks a real Asterisk for those that it has.
/// What stands neither here nor there may do anything: that is told.
/// </remarks>
internal static class PlainApplications
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        // How a call is answered, waits and ends.
        "Answer", "Echo", "StreamEcho", "EndIf", "Flash", "ForkCDR", "NoCDR", "ResetCDR", "NoOp", "Proceeding", "Progress", "Ringing", "SoftHangup", "Wait", "WaitDigit", "WaitForCondition", "WaitForNoise", "WaitForRing",
        "WaitForSignal", "WaitForSilence", "WaitForTone", "WaitMusicOnHold", "WaitUntil", "Zapateller", "SetAMAFlags", "StackPop", "MacroExit", "HangupCauseClear", "PJSIPHangup", "KeepAlive",
        // What is heard.
        "ControlPlayback", "Playback", "PlayTones", "StopPlayTones", "MusicOnHold", "SetMusicOnHold", "StartMusicOnHold", "StopMusicOnHold", "Milliwatt", "Morsecode", "MP3Player", "NBScat", "ICES", "JACK", "IVRDemo",
        "DAHDIBarge", "DAHDIScan", "DAHDIRAS", "DAHDISendKeypadFacility", "DAHDISendCallreroutingFacility", "DAHDIAcceptR2Call", "ToneScan", "AMD", "Dictate", "AudioSocket", "Broadcast",
        // What is recorded and told.
        "MixMonitor", "StopMixMonitor", "Monitor", "StopMonitor", "ChangeMonitor", "PauseMonitor", "UnpauseMonitor", "Record", "CELGenUserEvent", "DumpChan", "Log", "NoteLine", "QueueLog", "StatsD", "UserEvent", "Verbose", "SendURL", "SendImage",
        // Databases, presence, text.
        "DBdel", "DBdeltree", "ODBC_Commit", "ODBC_Rollback", "MYSQL", "RealTime", "RealTimeUpdate", "LookupBlacklist", "LookupCIDName", "ReadFile", "ImportVar", "ClearHash", "SetCallerPres", "SetTransferCapability",
        "MessageSend", "SendText", "ReceiveText", "SendDTMF", "SendMF", "SendSF", "JabberJoin", "JabberLeave", "JabberSend", "JabberSendGroup", "JabberStatus", "SMS", "GetCPEID", "ADSIProg", "PJSIPNotify", "IAX2Provision", "OSPAuth", "OSPLookup", "OSPNext", "OSPFinish",
        "SIPAddHeader", "SIPRemoveHeader", "SIPDtmfMode", "SIPSendCustomINFO", "Signal", "SendFAX", "ReceiveFAX", "AlarmReceiver", "TestClient", "TestServer", "SkelGuessNumber", "Reload", "VoiceMailPlayMsg", "MailboxExists", "VMCount",
        "MinivmAccMess", "MinivmDelete", "MinivmMWI", "MinivmNotify", "MinivmRecord",
        // Queues, conferences, parking, agents: phones of the house.
        "RemoveQueueMember", "PauseQueueMember", "UnpauseQueueMember", "QueueUpdate", "AgentLogin", "AgentRequest", "AgentMonitorOutgoing", "BridgeWait", "BridgeAdd", "ConfKick", "MeetMeAdmin", "MeetMeChannelAdmin", "MeetMeCount",
        "CallCompletionRequest", "CallCompletionCancel", "ChanIsAvail", "ParkedCall", "Pickup", "PickupChan", "PrivacyManager", "StasisBroadcast",
        // Speech recognition.
        "SpeechActivateGrammar", "SpeechBackground", "SpeechCreate", "SpeechDeactivateGrammar", "SpeechDestroy", "SpeechLoadGrammar", "SpeechProcessingSound", "SpeechStart", "SpeechUnloadGrammar",
    };

    public static bool Contains(string application) => Names.Contains(application);
}
