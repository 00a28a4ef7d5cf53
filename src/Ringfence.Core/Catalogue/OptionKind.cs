namespace Ringfence.Core.Catalogue;

/// <summary>What an option takes, and what Asterisk does with anything else (main/config_options.c and the handlers of each module).</summary>
internal enum OptionKind
{
    /// <summary>Not known, or anything.</summary>
    Any,

    /// <summary>Read and thrown away, such as an object's own <c>type</c>.</summary>
    Ignored,

    /// <summary>Still read so that the object lives, but without effect; Asterisk warns.</summary>
    Gone,

    Text,

    /// <summary>Empty is refused.</summary>
    TextNotEmpty,

    /// <summary>What is not a word for yes counts as no; nothing is refused.</summary>
    Bool,

    /// <summary>What is not a word for no counts as yes.</summary>
    BoolUnlessNo,

    Int,

    UInt,

    Number,

    Duration,

    Seconds,

    /// <summary>Formats, separated by commas or |, each perhaps with ! and a packet length; one unknown refuses the object.</summary>
    Codecs,

    Address,

    /// <summary>Addresses and networks, no names.</summary>
    Network,

    /// <summary><c>permit</c> and <c>deny</c> take networks, <c>acl</c> takes names of lists.</summary>
    Acl,

    /// <summary>Names of other objects.</summary>
    Names,

    /// <summary>One of <see cref="OptionInfo.Words"/>, in either case.</summary>
    OneOf,

    /// <summary>One of <see cref="OptionInfo.Words"/>, written just so.</summary>
    Exactly,

    /// <summary>Some of <see cref="OptionInfo.Words"/>, with commas.</summary>
    Words,

    /// <summary>A file that Asterisk must be able to read.</summary>
    File,

    /// <summary>Address and port to listen on.</summary>
    Bind,

    Tos,

    Uris,

    /// <summary>Addresses, networks or host names; a name with a mask is refused (res_pjsip_endpoint_identifier_ip.c).</summary>
    Match,

    /// <summary><c>NAME=value</c></summary>
    Variable,

    /// <summary>The part of a SIP URI before the @.</summary>
    User,

    /// <summary>Whether a caller's number may be shown.</summary>
    Presentation,
}
