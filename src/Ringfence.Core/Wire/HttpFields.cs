namespace Ringfence.Core.Wire;

/// <summary>Finds the credentials in a query or a form, whatever pieces it comes in: "...?app=x&amp;api_key=NAME:PASSWORD".</summary>
/// <remarks>
/// As Asterisk 22 reads them (main/http.c): cut at '&amp;' and '=', then percent-decoded, and a zero byte ends a name. Whether case matters differs between its releases
/// (res/res_ari.c). The password is not kept.
/// </remarks>
internal sealed class HttpFields
{
    private const int LongestText = 64;

    private readonly byte[] _text = new byte[LongestText];
    private int _length;
    private Part _part;
    private byte _escape;
    private byte _high;

    private enum Part
    {
        Name,

        // Behind a zero byte.
        NameEnded,
        Key,
        User,
        Other,
    }

    /// <summary>There was an api_key, right or not.</summary>
    public bool HasKey { get; private set; }

    /// <summary>As whom, of the api_key or else of the manager's "username=": any bytes; empty: it could not be read.</summary>
    public byte[] Account { get; private set; } = [];

    /// <summary>Begins another.</summary>
    public void Clear()
    {
        (HasKey, Account) = (false, []);
        Begin(Part.Name);
    }

    public void Read(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            if (value is (byte)'&' or (byte)'?' or (byte)' ' or (byte)'\r' or (byte)'\n')
            {
                Begin(Part.Name);
            }
            else if (value == '=' && _part is Part.Name or Part.NameEnded)
            {
                Begin(PartOf(_text.AsSpan(0, _length)));
                HasKey |= _part == Part.Key;
            }
            else
            {
                Decode(value);
            }
        }
    }

    private static Part PartOf(ReadOnlySpan<byte> name) =>
        System.Text.Ascii.EqualsIgnoreCase(name, "api_key"u8) ? Part.Key : System.Text.Ascii.EqualsIgnoreCase(name, "username"u8) ? Part.User : Part.Other;

    private void Begin(Part part)
    {
        if (_part == Part.User && !HasKey && _length > 0)
        {
            Account = _text[.._length];
        }

        (_part, _length, _escape) = (part, 0, 0);
    }

    private void Decode(byte value)
    {
        var isDigit = char.IsAsciiHexDigit((char)value);
        switch (_escape)
        {
            case 1 when isDigit:
                (_escape, _high) = (2, value);
                return;
            case 2 when isDigit:
                _escape = 0;
                Put((byte)((Uri.FromHex((char)_high) << 4) | Uri.FromHex((char)value)));
                return;
            case 1 or 2:
                Put((byte)'%');
                if (_escape == 2)
                {
                    Put(_high);
                }

                _escape = 0;
                break;
            default:
                break;
        }

        if (value == '%')
        {
            _escape = 1;
        }
        else
        {
            Put(value);
        }
    }

    private void Put(byte value)
    {
        if (value == 0 && _part == Part.Name)
        {
            _part = Part.NameEnded;
        }
        else if (value == ':' && _part == Part.Key)
        {
            Account = _text[.._length];
            _part = Part.Other;
        }
        else if (_part is Part.Name or Part.Key or Part.User && _length < LongestText)
        {
            _text[_length++] = value;
        }
    }

    /// <summary>Nothing comes behind it.</summary>
    public void End() => Begin(Part.Name);
}
