namespace Ringfence.Core.Audit;

/// <summary>Under which heading a report shows a rule's findings; the folder of Rules/ that the rule lies in.</summary>
internal enum AuditTopic
{
    Pjsip,
    Options,
    Passwords,
    OldChannels,
    Dialplan,
    Manager,
    Http,
    Logging,
    Asterisk,
    Host,
    Firewall,
}
