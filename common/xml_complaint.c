#include "common/xml_complaint.h"

#include <libxml/xmlerror.h>

const char *xml_complaint(int code)
{
    switch (code) {
    case XML_ERR_TAG_NAME_MISMATCH:
        return "an end tag does not match the start tag before it";
    case XML_ERR_GT_REQUIRED:
        return "a tag is not well-formed";
    case XML_ERR_SPACE_REQUIRED:
        return "white space is missing";
    case XML_ERR_LT_IN_ATTRIBUTE:
    case XML_ERR_ATTRIBUTE_NOT_STARTED:
    case XML_ERR_ATTRIBUTE_NOT_FINISHED:
    case XML_ERR_ATTRIBUTE_WITHOUT_VALUE:
        return "an attribute is not well-formed";
    case XML_ERR_ATTRIBUTE_REDEFINED:
    case XML_NS_ERR_ATTRIBUTE_REDEFINED:
        return "an attribute is given twice";
    case XML_NS_ERR_UNDEFINED_NAMESPACE:
        return "a prefix is not bound to a namespace";
    case XML_NS_ERR_XML_NAMESPACE:
    case XML_NS_ERR_QNAME:
    case XML_NS_ERR_EMPTY:
    case XML_NS_ERR_COLON:
        return "a name or namespace declaration is not well-formed";
    case XML_ERR_UNDECLARED_ENTITY:
        return "an entity is not one of lt, gt, amp, quot and apos";
    case XML_ERR_NAME_REQUIRED:
        return "a name is missing; in text < and & are written &lt; and &amp;";
    case XML_ERR_ENTITYREF_SEMICOL_MISSING:
        return "a reference has no semicolon; in text & is written &amp;";
    case XML_ERR_INVALID_CHAR:
    case XML_ERR_INVALID_CHARREF:
    case XML_ERR_INVALID_DEC_CHARREF:
    case XML_ERR_INVALID_HEX_CHARREF:
        return "a character is not one that XML allows";
    case XML_ERR_MISPLACED_CDATA_END:
        return "']]>' in text is not escaped";
    case XML_ERR_COMMENT_NOT_FINISHED:
    case XML_ERR_HYPHEN_IN_COMMENT:
        return "a comment is not well-formed";
    case XML_ERR_PI_NOT_STARTED:
    case XML_ERR_PI_NOT_FINISHED:
        return "a processing instruction is not well-formed";
    case XML_ERR_RESERVED_XML_NAME:
        return "the XML declaration is not at the very beginning";
    case XML_ERR_XMLDECL_NOT_FINISHED:
    case XML_ERR_STANDALONE_VALUE:
    case XML_ERR_ENCODING_NAME:
        return "the XML declaration is not well-formed";
    case XML_ERR_VERSION_MISSING:
    case XML_ERR_UNKNOWN_VERSION:
    case XML_WAR_UNKNOWN_VERSION:
        return "the version of XML is not 1.0";
    default:
        return "the document is not well-formed";
    }
}
